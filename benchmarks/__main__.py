"""`make bench`: how long build, check, boxes and grade take on this machine. No mark and no test rests on it."""

if __name__ == "__main__":
    # Worker processes import this file too, and need none of it.
    from benchmarks import boxes, build, checks, class_sizes, grading

    for benchmark in (build, checks, boxes, grading, class_sizes):
        benchmark.main()
