"""`make bench`: how long build, check, sandboxes and grade take on this machine. No mark and no test rests on it."""

if __name__ == "__main__":
    # Worker processes import this file too, and need none of it.
    from benchmarks import build, checks, class_sizes, grading, sandboxes, term

    for benchmark in (build, checks, sandboxes, grading, class_sizes, term):
        benchmark.main()
