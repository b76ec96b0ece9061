;; Computes for ever and never calls out.
;; SPDX-License-Identifier: Apache-2.0
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $forever (br $forever))))
