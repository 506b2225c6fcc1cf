"""`make bench`: how long build, check and grade take on this machine. No mark and no test rests on these figures."""

if __name__ == "__main__":
    # Worker processes import this file too, and need none of it.
    from benchmarks import build, checks, grading

    for benchmark in (build, checks, grading):
        benchmark.main()
