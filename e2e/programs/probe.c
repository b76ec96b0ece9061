// SPDX-License-Identifier: Apache-2.0
// A native program for images: its first argument says how it behaves as a container's init.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t handled;

static void remember(int signal) { handled = signal; }

static void ready(void) {
  puts("ready");
  fflush(stdout);
}

// say OUT ERR STATUS
static int say(char **argv) {
  puts(argv[0]);
  fflush(stdout);
  fprintf(stderr, "%s\n", argv[1]);
  return atoi(argv[2]);
}

// Ends on TERM with 3 from a handler; tells of USR1.
static int handler(void) {
  sigset_t none;
  struct sigaction action = {.sa_handler = remember};
  sigemptyset(&none);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  sigset_t both = none, before;
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGUSR1);
  sigprocmask(SIG_BLOCK, &both, &before);
  ready();
  for (;;) {
    sigsuspend(&before);
    printf("handled %d\n", (int)handled);
    fflush(stdout);
    if (handled == SIGTERM) return 3;
  }
}

// Waits with everything blocked, as an init does that never installs a handler; ends on TERM with 4.
static int wait_for_signals(int by_signalfd) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  int fd = by_signalfd ? signalfd(-1, &all, SFD_CLOEXEC) : -1;
  ready();
  for (;;) {
    int got;
    if (by_signalfd) {
      struct signalfd_siginfo info;
      if (read(fd, &info, sizeof info) != sizeof info) return 99;
      got = (int)info.ssi_signo;
    } else {
      struct timespec hour = {.tv_sec = 3600};
      got = sigtimedwait(&all, NULL, &hour);
      if (got < 0) continue;
    }
    printf("got %d\n", got);
    fflush(stdout);
    if (got == SIGTERM) return 4;
  }
}

// Runs a command as its child, passes signals on, reaps, and ends as the command did.
static int init(char **argv) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  pid_t child = fork();
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    execvp(argv[0], argv);
    _exit(127);
  }
  for (;;) {
    int got = sigwaitinfo(&all, NULL);
    if (got != SIGCHLD) {
      kill(child, got);
      continue;
    }
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

_Noreturn static void deaf(void) {
  ready();
  for (;;) pause();
}

// Prints what each open descriptor is, without the one that lists them.
static int descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return 1;
  struct dirent *entry;
  while ((entry = readdir(folder)) != NULL) {
    char target[256];
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder)) continue;
    ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    printf("%s %s\n", entry->d_name, target);
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (!strcmp(mode, "say") && argc == 5) return say(argv + 2);
  if (!strcmp(mode, "handler")) return handler();
  if (!strcmp(mode, "sigtimedwait")) return wait_for_signals(0);
  if (!strcmp(mode, "signalfd")) return wait_for_signals(1);
  if (!strcmp(mode, "init") && argc > 2) return init(argv + 2);
  if (!strcmp(mode, "deaf")) deaf();
  if (!strcmp(mode, "descriptors")) return descriptors();
  if (!strcmp(mode, "fault")) *(volatile int *)0 = 0;
  fprintf(stderr, "probe: unknown mode \"%s\"\n", mode);
  return 2;
}
