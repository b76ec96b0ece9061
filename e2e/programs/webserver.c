// SPDX-License-Identifier: Apache-2.0
// Answers every HTTP request on a port with 200 and "ok": `webserver <label> <port>`. What critest takes nginx and httpd for.
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

static void end(int signal) {
  (void)signal;
  _exit(0);
}

static int listenOn(int port) {
  int server = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any, .sin6_port = htons(port)};
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 16) < 0) {
    perror("webserver");
    exit(1);
  }
  return server;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  signal(SIGTERM, end);
  signal(SIGQUIT, end);
  signal(SIGPIPE, SIG_IGN);
  int server = listenOn(atoi(argv[2]));
  FILE *pidFile = fopen("/var/run/nginx.pid", "w");
  if (pidFile != NULL) {
    fprintf(pidFile, "%d\n", getpid());
    fclose(pidFile);
  }
  printf("%s serves port %s\n", argv[1], argv[2]);
  fflush(stdout);
  for (;;) {
    char request[4096];
    int client = accept(server, NULL, NULL);
    if (client < 0) continue;
    // The whole request is in the first piece: it is a GET of a few lines.
    if (read(client, request, sizeof request) > 0 && write(client, ANSWER, strlen(ANSWER)) < 0) perror("webserver");
    close(client);
  }
}
