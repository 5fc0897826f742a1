"""Measurements of speed and accuracy, run by hand; no test depends on them."""

import os

# Two BLAS threads slow matrices of this size down; numpy reads these when it is first imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
