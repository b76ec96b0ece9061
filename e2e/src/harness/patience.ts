// SPDX-License-Identifier: Apache-2.0

/** How many times longer than usual to wait before giving up; RUNWASI_E2E_PATIENCE says it for an emulated machine. */
export const PATIENCE: number = Number(process.env["RUNWASI_E2E_PATIENCE"] ?? 1);
