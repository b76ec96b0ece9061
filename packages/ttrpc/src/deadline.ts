// SPDX-License-Identifier: Apache-2.0

/** The longest delay of `setTimeout`, 24.8 days; a longer one would fire at once. Deadlines beyond it get no timer. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;
