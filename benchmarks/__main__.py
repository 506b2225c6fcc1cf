"""`make bench`: how long build, check and grade take on this machine. No mark and no test rests on these figures."""

from benchmarks import build, checks, grading

for benchmark in (build, checks, grading):
    benchmark.main()
