#include "tests/bench/nginx.h"
#include "tests/bench/checks_feed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_BYTES 1024
#define START_TRIES 500 /* of 10 ms */

static FILE *
create(const struct nginx *n, const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", n->dir, name);
	if ((f = fopen(path, "we")) == NULL)
		bench_die(path);
	return f;
}

static void
write_page(const struct nginx *n)
{
	char path[128];
	FILE *f = create(n, "index.html");

	for (int i = 0; i < PAGE_BYTES; i++)
		fputc('x', f);
	fclose(f);
	snprintf(path, sizeof path, "%s/notes", n->dir);
	if (mkdir(path, 0755) != 0 || chmod(n->dir, 0755) != 0)
		bench_die(path);
}

static void
write_config(const struct nginx *n, int addresses)
{
	FILE *f = create(n, "nginx.conf");

	fprintf(f,
	    "daemon off; master_process off; pid %s/pid; error_log %s/errors;\n"
	    "events { worker_connections 8192; }\n"
	    "http { access_log off; client_body_temp_path %s/temp; proxy_temp_path %s/temp;\n"
	    "fastcgi_temp_path %s/temp; uwsgi_temp_path %s/temp; scgi_temp_path %s/temp;\n"
	    "server { root %s; index index.html;\n",
	    n->dir, n->dir, n->dir, n->dir, n->dir, n->dir, n->dir, n->dir);
	for (int i = 0; i < addresses; i++)
		fprintf(f, "listen 127.0.0.%d:%d backlog=8192;\n", 1 + i, n->port);
	fprintf(f, "location /notes/ { dav_methods PUT; }\n} }\n");
	fclose(f);
}

static int
free_port(void)
{
	int port = 0, fd = bench_listen(0, &port, 1);

	close(fd);
	return port;
}

static bool
answers(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;

	close(fd);
	return good;
}

void
nginx_start(struct nginx *n, int addresses)
{
	char config[128];

	if (system("sh tests/bench/nginx.sh") != 0)
		bench_die("tests/bench/nginx.sh");
	*n = (struct nginx){.port = free_port()};
	snprintf(n->dir, sizeof n->dir, "/tmp/drill-bench-nginx-XXXXXX");
	if (mkdtemp(n->dir) == NULL)
		bench_die(n->dir);
	write_page(n);
	write_config(n, addresses);
	snprintf(config, sizeof config, "%s/nginx.conf", n->dir);
	if ((n->pid = fork()) < 0)
		bench_die("fork");
	if (n->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("build/nginx/usr/sbin/nginx", "nginx", "-p", n->dir, "-c", config, "-e",
		    "/dev/null", (char *)NULL);
		bench_die("build/nginx/usr/sbin/nginx");
	}
	for (int i = 0; !answers(n->port); i++) {
		if (i == START_TRIES || waitpid(n->pid, NULL, WNOHANG) != 0)
			bench_die("nginx does not listen");
		usleep(10000);
	}
}

void
nginx_stop(struct nginx *n)
{
	char command[128];

	kill(n->pid, SIGKILL);
	waitpid(n->pid, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", n->dir);
	if (system(command) != 0)
		bench_die(command);
}
