# SPDX-License-Identifier: Apache-2.0
# The import wasi.thread-spawn, which --max-threads is about.
set(WAMR_BUILD_LIB_WASI_THREADS 1)
