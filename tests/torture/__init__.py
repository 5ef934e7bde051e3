"""The machine that proves it: processes killed, stopped and frozen before and after every step of a job,
servers that are away, hang, reset or are slow. `make torture` runs all points, the tests some of each."""
