// SPDX-License-Identifier: Apache-2.0
import type { EngineImports } from "./engine.ts";

/**
 * The functions of WASI preview 1.
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `args_get args_sizes_get environ_get environ_sizes_get clock_res_get clock_time_get fd_advise fd_allocate fd_close
   fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size
   fd_filestat_set_times fd_pread fd_prestat_get fd_prestat_dir_name fd_pwrite fd_read fd_readdir fd_renumber fd_seek
   fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times path_link path_open
   path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff proc_exit proc_raise
   random_get sched_yield sock_accept sock_recv sock_send sock_shutdown`.split(/\s+/),
);

/** The imports that an engine with WASI preview 1 provides, for `Engine.imports`; by its first name, too. */
export const WASI_PREVIEW1: EngineImports = new Map([
  ["wasi_snapshot_preview1", FUNCTIONS],
  ["wasi_unstable", FUNCTIONS],
]);

/**
 * Preview 1 with further functions in its module, of sockets mostly. Not by its first name, `wasi_unstable`, whose
 * layouts differ: few engines have those.
 */
export function wasiPreview1With(...more: readonly string[]): EngineImports {
  return new Map([["wasi_snapshot_preview1", new Set([...FUNCTIONS, ...more])]]);
}
