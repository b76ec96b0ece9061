// SPDX-License-Identifier: Apache-2.0
// Prints the user that it runs as in effect, in the words that critest looks for; to be owned by root with the setuid bit.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  printf("Effective uid: %u\n", geteuid());
  return 0;
}
