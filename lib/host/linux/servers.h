/* SPDX-License-Identifier: MIT */
/* For tests: real servers of git and files on the loopback,
 * testdata/fetch/server.py, with all that they need in one folder. */
#ifndef CONVERGE_HOST_LINUX_SERVERS_H
#define CONVERGE_HOST_LINUX_SERVERS_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/host/repository.h"
#include "lib/test.h"

static char folder[] = "/tmp/fetch-XXXXXX";
static FILE *server_in, *server_out;
static pid_t server;

static struct {
	char name[32], value[64];
} said[32];
static size_t nsaid;

static inline const char *value_of(const char *name)
{
	for (size_t i = 0; i < nsaid; i++)
		if (strcmp(said[i].name, name) == 0)
			return said[i].value;
	ck_abort_msg("the servers said nothing of %s", name);
}

static inline void start_servers_by(const char *program)
{
	int in[2], out[2];
	char line[256];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	server = fork();
	if (server == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("python3", "python3", "-W", "ignore", "-B", program,
		       folder, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server_in = fdopen(in[1], "w");
	server_out = fdopen(out[0], "r");
	while (fgets(line, sizeof(line), server_out) && line[0] != '\n')
		if (sscanf(line, "%31s %63s", said[nsaid].name,
			   said[nsaid].value) == 2)
			nsaid++;
	ck_assert_uint_gt(nsaid, 5);
}

static inline void stop_servers(void)
{
	char command[128];
	int status;

	fclose(server_in);
	fclose(server_out);
	waitpid(server, &status, 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

#define START_SERVERS start_servers_by(TESTDATA "/fetch/server.py")

/* Has the branch main changed: "KEY DATE FROM TEXT", see server.py. */
static inline void servers_commit(const char *how, char id[OBJECT_HEX + 1])
{
	char line[256];

	fprintf(server_in, "%s\n", how);
	fflush(server_in);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), server_out));
	ck_assert_msg(strlen(line) == OBJECT_HEX + 1, "%s: %s", how, line);
	memcpy(id, line, OBJECT_HEX);
	id[OBJECT_HEX] = '\0';
}

#endif
