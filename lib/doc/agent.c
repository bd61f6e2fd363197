/* SPDX-License-Identifier: MIT */
/* converge-agent.json(5) as JSON Schema; lib/origin/agent.c reads it. */
#include "lib/doc/doc.h"

#define DRAFT "http://json-schema.org/draft-07/schema#"
#define TEXT(of, what)                                                        \
	"{\"type\":\"string\",\"pattern\":\"" of "\",\"description\":\"" what \
	"\"}"
#define PATH(what) TEXT("^/([^/]|/[^.]|/\\\\.[^.]|/\\\\.\\\\.[^/])*$", what)
/* A server may be an address of IPv6; there is no password. */
#define SERVER "([A-Za-z0-9.-]+|\\\\[[0-9A-Fa-f:.]+\\\\])(:[0-9]{1,5})?"
#define URL                                                        \
	"^(https://" SERVER "/.+|ssh://([A-Za-z0-9._-]+@)?" SERVER \
	"/.+|[A-Za-z0-9._-]+@[^/:]+:.+)$"
#define FINGERPRINT \
	"{\"type\":\"string\",\"pattern\":\"^ *([0-9A-Fa-f] *){40}$\"}"
#define SECONDS_MAX "315360000" /* 3650 days */

static const char text[] = "{\"$schema\":\"" DRAFT
			   "\",\"title\":\"agent.json of a host\","
			   "\"type\":\"object\",\"required\":[\"version\","
			   "\"url\"],"
			   "\"properties\":{\"//\":{},\"$schema\":{},"
			   "\"version\":{\"const\":1,\"description\":\"The "
			   "version of this "
			   "format.\"},"
			   "\"url\":" TEXT(
				   URL, "The repository.") ","
							   "\"branch\":" TEXT("^[^-]", "The branch that the host follows.") ","
															    "\"allowed_signers\":" PATH(
																    "The keys of SSH that may sign a commit.") ","
																					       "\"revoked_keys\":" PATH("Keys of SSH that may not any more.") ","
																													      "\"gpg_keyring\":" PATH("Keys of GnuPG that may sign a commit.") ","
																																					       "\"gpg_signers\":{\"description\":\"Which of them may.\",\"anyOf\":[" FINGERPRINT ",{\"type\":\"array\",\"minItems\":1,\"items\":" FINGERPRINT "}]},"
																																					       "\"max_age\":{\"description\":\"How old the newest commit may be.\","
																																					       "\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":" SECONDS_MAX
																																					       "},{\"type\":\"string\",\"pattern\":\"^0*[1-9][0-9]*[smhd]$\"}]},"
																																					       "\"known_hosts\":" PATH("The keys of servers of SSH.") ","
																																												      "\"ssh_key\":" PATH(
																																													      "The key to log in with.") ","
																																																	 "\"ca_file\":" PATH(
																																																		 "Authorities of TLS, in place of the system's.") ","
																																																								  "\"host\":" TEXT(
																																																									  "^[A-Za-z0-9.][A-Za-z0-9.-]*$",
																																																									  "The name of the host "
																																																									  "in the world.") "},"
																																																											   "\"dependencies\":{\"gpg_keyring\":[\"gpg_signers\"],"
																																																											   "\"gpg_signers\":[\"gpg_keyring\"]},"
																																																											   "\"additionalProperties\":false}";

json_t *doc_agent_schema(void)
{
	return json_loads(text, 0, NULL);
}
