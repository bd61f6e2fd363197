/* SPDX-License-Identifier: MIT */
/* What converge prints, as JSON Schema. */
#include <string.h>

#include "lib/doc/doc.h"

#define DRAFT "http://json-schema.org/draft-07/schema#"
#define TEXT "{\"type\":\"string\"}"
#define TEXTS "{\"type\":\"array\",\"items\":" TEXT "}"
#define YES_OR_NO "{\"type\":\"boolean\"}"
#define COUNT_OF "{\"type\":\"integer\",\"minimum\":0}"
#define CLASS "{\"enum\":[\"none\",\"reload\",\"restart\",\"reboot\",\"data\"]}"
#define CLOSED "\"additionalProperties\":false"
#define HEADER "{\"$schema\":\"" DRAFT "\",\"type\":\"object\","
#define COMMIT_ID "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{40}$\"}"
#define SHA256 "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}"
#define COMMIT_PROPERTIES                                                      \
	"\"revision\":" COMMIT_ID ",\"commit\":{\"type\":\"object\","          \
	"\"required\":[\"author\",\"subject\"],\"properties\":{\"date\":" TEXT \
	",\"author\":" TEXT ",\"subject\":" TEXT ",\"name\":" TEXT "}," CLOSED \
	"}"
#define EACH "{\"type\":\"object\",\"additionalProperties\":"
/* Which commit changed something last. */
#define PAST_PROPERTIES                                               \
	"\"commit\":" COMMIT_ID ",\"date\":" TEXT ",\"author\":" TEXT \
	",\"subject\":" TEXT ",\"tickets\":" TEXTS                    \
	",\"bound\":{\"enum\":[\"end\","                              \
	"\"limit\"]}"
#define PAST                                                        \
	"{\"type\":\"object\",\"required\":[\"commit\",\"author\"," \
	"\"subject\","                                              \
	"\"tickets\"],\"properties\":{" PAST_PROPERTIES "}," CLOSED "}"
#define PLACE_PROPERTIES                                               \
	"\"file\":" TEXT ",\"line\":" COUNT_OF ",\"column\":" COUNT_OF \
	",\"role\":" TEXT
#define ORIGIN                                                   \
	"{\"type\":\"object\",\"required\":[\"file\",\"line\"]," \
	"\"properties\":{\"file\":" TEXT ",\"line\":" COUNT_OF   \
	",\"role\":" TEXT "," PAST_PROPERTIES "}," CLOSED "}"
#define NEIGHBOURS                                                          \
	"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[" \
	"\"id\",\"reason\",\"stated\",\"notifies\"],\"properties\":{"       \
	"\"id\":" TEXT ",\"reason\":" TEXT ",\"stated\":" YES_OR_NO         \
	",\"notifies\":" YES_OR_NO "}," CLOSED "}}"
/* The same of many hosts, of which some may not have it. */
#define SOME_NEIGHBOURS                                                     \
	"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[" \
	"\"id\",\"reason\",\"stated\",\"notifies\"],\"properties\":{"       \
	"\"id\":" TEXT ",\"reason\":" TEXT ",\"stated\":" YES_OR_NO         \
	",\"notifies\":" YES_OR_NO ",\"only\":" TEXTS "}," CLOSED "}}"
#define PART_PROPERTIES                                                       \
	"\"kind\":{\"enum\":[\"resource\",\"include\",\"default\","           \
	"\"override\",\"var\",\"file\"]},\"name\":" TEXT "," PLACE_PROPERTIES \
	",\"when\":{\"type\":\"object\"},\"changed\":" PAST                   \
	",\"uncommitted\":" YES_OR_NO
#define CHANGE_PROPERTIES                                                  \
	"\"id\":" TEXT ",\"action\":{\"enum\":[\"none\",\"create\","       \
	"\"update\",\"remove\",\"refresh\",\"unknown\"]},"                 \
	"\"attributes\":{\"type\":\"object\",\"additionalProperties\":"    \
	"{\"type\":\"object\",\"minProperties\":1,\"properties\":{"        \
	"\"before\":{},\"after\":{},\"sensitive\":{\"const\":true}},"      \
	"\"dependencies\":{\"before\":[\"after\"],\"after\":[\"before\"]}" \
	"," CLOSED "}},"                                                   \
	"\"origin\":" ORIGIN ","                                           \
	"\"change\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"}," \
	"\"disruption\":" CLASS ",\"undoable\":" YES_OR_NO ","             \
	"\"because\":" TEXT ",\"reason\":" TEXT ",\"diff\":" TEXT ","      \
	"\"withheld\":" TEXT ",\"failed\":" TEXT ",\"skipped\":" TEXT ","  \
	"\"owed\":" TEXT ",\"seal\":" TEXT ",\"causes\":" TEXTS            \
	",\"stands\":{\"type\":\"array\",\"minItems\":3,\"maxItems\":3,"   \
	"\"items\":{\"type\":\"integer\"}}"
#define TERMS                                                                  \
	"{\"type\":\"object\",\"required\":[\"root\",\"only\",\"tags\"],"      \
	"\"properties\":{\"root\":" TEXT ",\"only\":" TEXTS ",\"tags\":" TEXTS \
	",\"max_disruption\":" CLASS "}," CLOSED "}"
/* Of what a plan was made against. */
#define SNAPSHOT_HEAD                                                          \
	"{\"type\":\"object\",\"required\":[\"host\",\"time\"],\"properties\"" \
	":{\"host\":" TEXT ",\"time\":" TEXT ",\"revision\":" COMMIT_ID        \
	"}," CLOSED "}"
#define CHANGE_REQUIRED                                           \
	"\"id\",\"action\",\"attributes\",\"origin\",\"change\"," \
	"\"disruption\",\"undoable\""
#define TEST_FAILURES                                                      \
	"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":" \
	"[\"rule\",\"text\"],\"properties\":{\"rule\":{\"enum\":["         \
	"\"plan\",\"apply\",\"second pass\",\"kill\",\"secret\","          \
	"\"expectation\"]},\"text\":" TEXT ",\"id\":" TEXT                 \
	",\"origin\":" ORIGIN ",\"file\":" TEXT ",\"line\":" COUNT_OF      \
	",\"column\":" COUNT_OF "}," CLOSED "}}"
/* An event of that kind has at least these. */
#define EVENT_NEEDS(kind, names)                                         \
	"{\"if\":{\"properties\":{\"event\":{\"const\":\"" kind "\"}}}," \
	"\"then\":{\"required\":[" names "]}}"
#define EVENT_RULES                                                            \
	EVENT_NEEDS("start", "\"host\",\"source\",\"run\"")                    \
	"," EVENT_NEEDS("change", CHANGE_REQUIRED                              \
			",\"result\"") "," EVENT_NEEDS("end",                  \
						       "\"host\",\"summary\"," \
						       "\"exit\"")

/* Of "converge.diff/1". */
#define SEE(name) "{\"$ref\":\"#/definitions/" name "\"}"
#define DIFF_CHANGE                                                            \
	"{\"type\":\"object\",\"required\":[\"id\",\"action\","                \
	"\"attributes\",\"origin\",\"disruption\"],\"properties\":{"           \
	"\"id\":" TEXT                                                         \
	",\"action\":{\"enum\":[\"none\",\"create\",\"update\",\"remove\","    \
	"\"refresh\",\"unknown\",\"manage\",\"release\"]},"                    \
	"\"attributes\":{\"type\":\"object\",\"additionalProperties\":"        \
	"{\"type\":\"object\",\"minProperties\":1,\"properties\":{"            \
	"\"before\":{},\"after\":{},\"sensitive\":{\"const\":true}}," CLOSED   \
	"}},\"origin\":{\"type\":\"object\",\"required\":[\"file\",\"line\"]," \
	"\"properties\":{\"file\":" TEXT ",\"line\":" COUNT_OF                 \
	",\"role\":" TEXT ",\"gone\":{\"const\":true}," PAST_PROPERTIES        \
	"}," CLOSED "},\"change\":" TEXT ",\"disruption\":" CLASS              \
	",\"undoable\":" YES_OR_NO ",\"because\":" TEXT ",\"reason\":" TEXT    \
	",\"diff\":" TEXT ",\"withheld\":" TEXT ",\"failed\":" TEXT            \
	",\"skipped\":" TEXT ",\"owed\":" TEXT ",\"causes\":" TEXTS            \
	",\"secrets\":" TEXTS "}," CLOSED "}"
#define DIFF_POLICY                                                            \
	"{\"type\":\"object\",\"required\":[\"policy\",\"before\",\"after\"]," \
	"\"properties\":{\"policy\":{\"enum\":[\"max_disruption\","            \
	"\"max_removals\"]},\"before\":{\"type\":[\"string\",\"null\"]},"      \
	"\"after\":{\"type\":[\"string\",\"null\"]},"                          \
	"\"resources\":" COUNT_OF "}," CLOSED "}"
#define SEE_REVISION SEE("revision")
#define LIST_OF(name) "{\"type\":\"array\",\"items\":" SEE(name) "}"
#define DIFF_GROUP                                                             \
	"{\"type\":\"object\",\"required\":[\"id\",\"kind\",\"hosts\","        \
	"\"shown\"],\"properties\":{"                                          \
	"\"id\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"},"         \
	"\"kind\":{\"enum\":[\"changed\",\"wrong\",\"mended\"]},"              \
	"\"hosts\":" TEXTS ",\"shown\":" TEXT ",\"planned\":{\"const\":true}," \
	"\"summary\":{\"type\":\"object\",\"properties\":{"                    \
	"\"disruption\":" CLASS "},\"additionalProperties\":" COUNT_OF "},"    \
	"\"changes\":" LIST_OF("change") ",\"dropped\":" LIST_OF(              \
		"change") ",\"due\":" COUNT_OF                                 \
			  ",\"commits\":{\"type\":\"array\",\"items\":" PAST   \
			  "},\"policies\":{\"type\":\"array\","                \
			  "\"items\":" DIFF_POLICY "},"                        \
			  "\"reordered\":{\"const\":true},"                    \
			  "\"assumed\":{\"type\":\"object\"},"                 \
			  "\"findings\":" LIST_OF("finding") "}," CLOSED "}"
/* Of that and of "converge.impact/1". */
#define REVIEW_SUMMARY                                                      \
	"{\"type\":\"object\",\"required\":[\"hosts\",\"groups\","          \
	"\"changed\",\"unchanged\",\"added\",\"removed\",\"wrong\","        \
	"\"mended\",\"totals\",\"disruption\"],\"properties\":{\"totals\":" \
	"{\"type\":\"object\",\"additionalProperties\":" COUNT_OF           \
	"},\"disruption\":" CLASS "},\"additionalProperties\":" COUNT_OF "}"
#define ADDED_HOSTS                                                         \
	"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[" \
	"\"host\",\"resources\"],\"properties\":{\"host\":" TEXT            \
	",\"resources\":" COUNT_OF "}," CLOSED "}}"
#define IMPACT_RESOURCE                                                       \
	"{\"type\":\"object\",\"required\":[\"id\",\"type\",\"name\","        \
	"\"touched\",\"origin\"],\"properties\":{\"id\":" TEXT                \
	",\"type\":" TEXT ",\"name\":" TEXT                                   \
	",\"touched\":{\"enum\":[\"changed\",\"notified\",\"dependent\","     \
	"\"linked\"]},"                                                       \
	"\"action\":{\"enum\":[\"create\",\"update\",\"remove\",\"refresh\"," \
	"\"unknown\",\"manage\",\"release\"]},\"attributes\":" TEXTS          \
	",\"disruption\":" CLASS ",\"because\":" TEXT ",\"withheld\":" TEXT   \
	",\"origin\":{\"type\":\"object\",\"required\":[\"file\",\"line\"],"  \
	"\"properties\":{\"file\":" TEXT ",\"line\":" COUNT_OF                \
	",\"role\":" TEXT ",\"gone\":{\"const\":true}}," CLOSED "}},"         \
	"\"if\":{\"properties\":{\"touched\":{\"const\":\"changed\"}}},"      \
	"\"then\":{\"required\":[\"action\",\"attributes\",\"disruption\"]}"  \
	"," CLOSED "}"
#define IMPACT_EDGE                                                      \
	"{\"type\":\"object\",\"required\":[\"from\",\"to\",\"reason\"," \
	"\"stated\",\"notifies\"],\"properties\":{\"from\":" TEXT        \
	",\"to\":" TEXT ",\"reason\":" TEXT ",\"stated\":" YES_OR_NO     \
	",\"notifies\":" YES_OR_NO ",\"action\":{\"enum\":[\"add\","     \
	"\"remove\"]}}," CLOSED "}"
#define IMPACT_GROUP                                                     \
	"{\"type\":\"object\",\"required\":[\"id\",\"kind\",\"hosts\","  \
	"\"shown\"],\"properties\":{"                                    \
	"\"id\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"},"   \
	"\"kind\":{\"enum\":[\"changed\",\"wrong\",\"mended\"]},"        \
	"\"hosts\":" TEXTS ",\"shown\":" TEXT ",\"unlike\":" TEXTS       \
	",\"summary\":{\"type\":\"object\",\"properties\":{"             \
	"\"disruption\":" CLASS "},\"additionalProperties\":" COUNT_OF   \
	"},\"resources\":{\"type\":\"array\",\"items\":" IMPACT_RESOURCE \
	"},\"edges\":{\"type\":\"array\",\"items\":" IMPACT_EDGE         \
	"},\"more\":{\"type\":\"object\",\"required\":[\"changed\","     \
	"\"notified\",\"dependent\",\"linked\"],"                        \
	"\"additionalProperties\":" COUNT_OF                             \
	"},\"findings\":" LIST_OF("finding") "}," CLOSED "}"
#define FINDING                                                              \
	"{\"type\":\"object\","                                              \
	"\"required\":[\"severity\",\"text\"],\"properties\":{"              \
	"\"severity\":{\"enum\":[\"error\",\"warning\"]},"                   \
	"\"file\":" TEXT ",\"line\":" COUNT_OF ",\"column\":" COUNT_OF       \
	",\"subject\":" TEXT ",\"text\":" TEXT ",\"hint\":" TEXT "}," CLOSED \
	"}"
#define REVISION                                                       \
	"{\"type\":\"object\",\"required\":[\"revision\",\"commit\"]," \
	"\"properties\":{" COMMIT_PROPERTIES                           \
	",\"work_tree\":{\"const\":true}}," CLOSED "}"

/* Of "converge.history/1" and "converge.status/1". What the store holds is not
 * checked again: a revision is any text. */
#define RECORDED_RUN                                                      \
	"{\"type\":\"object\",\"required\":[\"run\",\"host\",\"source\"," \
	"\"command\",\"result\"],\"properties\":{\"run\":" COUNT_OF       \
	",\"host\":" TEXT ",\"source\":" TEXT ",\"revision\":" TEXT       \
	",\"command\":" TEXT ",\"started\":" TEXT ",\"finished\":" TEXT   \
	",\"seconds\":" COUNT_OF ",\"exit\":" COUNT_OF                    \
	",\"result\":{\"enum\":[\"running\",\"interrupted\",\"ok\","      \
	"\"withheld\",\"failed\",\"stopped\"]},\"summary\":{\"type\":"    \
	"\"object\",\"required\":[\"created\",\"updated\",\"removed\","   \
	"\"refreshed\",\"failed\",\"withheld\",\"unchanged\"],"           \
	"\"additionalProperties\":" COUNT_OF "}}," CLOSED "}"
#define RECORDED_CHANGES                                                       \
	"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":["    \
	"\"id\",\"action\",\"attributes\",\"result\"],\"properties\":{"        \
	"\"id\":" TEXT ",\"action\":" TEXT                                     \
	",\"attributes\":{\"type\":\"object\",\"additionalProperties\":{"      \
	"\"type\":\"object\"}},\"change\":" TEXT                               \
	",\"result\":{\"enum\":[\"planned\",\"done\",\"failed\",\"skipped\","  \
	"\"left\",\"unchanged\",\"withheld\"]},\"reason\":" TEXT               \
	",\"run\":" COUNT_OF ",\"time\":" TEXT ",\"revision\":" TEXT           \
	",\"commit\":{\"type\":\"object\",\"required\":[\"commit\","           \
	"\"author\",\"subject\"],\"properties\":{\"commit\":" TEXT             \
	",\"date\":" TEXT ",\"author\":" TEXT ",\"subject\":" TEXT "}," CLOSED \
	"}}," CLOSED "}}"
#define LOOK                                                        \
	"{\"type\":\"object\",\"required\":[\"ruling\",\"times\"]," \
	"\"properties\":{\"source\":" TEXT                          \
	",\"ruling\":{\"enum\":[\"taken\",\"kept\",\"refused\"]},"  \
	"\"revision\":" TEXT ",\"reason\":" TEXT ",\"first\":" TEXT \
	",\"last\":" TEXT ",\"times\":" COUNT_OF "}," CLOSED "}"

static const struct {
	const char *format, *schema;
} outputs[] = {
	{ "converge.plan/1", HEADER
	  "\"required\":[\"format\",\"host\",\"source\",\"digest\","
	  "\"summary\",\"changes\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.plan/1\"},\"host\":" TEXT ","
	  "\"source\":" TEXT "," COMMIT_PROPERTIES ",\"path\":" TEXT
	  ",\"key\":" TEXT ",\"snapshot\":" SNAPSHOT_HEAD ","
	  "\"terms\":" TERMS ",\"digest\":{\"type\":"
	  "\"string\",\"pattern\":\"^[0-9a-f]{64}$\"},"
	  "\"summary\":{\"type\":\"object\",\"required\":[\"create\","
	  "\"update\",\"remove\",\"refresh\",\"unknown\",\"withheld\","
	  "\"unchanged\",\"failed\",\"disruption\"],\"properties\":{"
	  "\"disruption\":" CLASS "},\"additionalProperties\":" COUNT_OF "},"
	  "\"changes\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[" CHANGE_REQUIRED "],"
	  "\"properties\":{" CHANGE_PROPERTIES "}," CLOSED "}}}," CLOSED "}" },
	{ "converge.event/1",
	  HEADER "\"required\":[\"format\",\"event\"],\"properties\":{"
		 "\"format\":"
		 "{\"const\":\"converge.event/"
		 "1\"},\"event\":{\"enum\":[\"start\","
		 "\"change\",\"end\"]},\"host\":" TEXT ",\"source\":" TEXT
		 "," COMMIT_PROPERTIES ",\"run\":" COUNT_OF
		 ",\"result\":{\"enum\":[\"done\",\"unchanged\",\"failed\","
		 "\"skipped\",\"withheld\",\"left\"]},\"text\":" TEXT
		 ",\"exit\":" COUNT_OF ",\"summary\":{\"type\":\"object\","
		 "\"required\":[\"created\",\"updated\",\"removed\","
		 "\"refreshed\","
		 "\"failed\",\"skipped\",\"withheld\",\"left\",\"unchanged\"],"
		 "\"additionalProperties\":" COUNT_OF "}," CHANGE_PROPERTIES
		 "},\"allOf\":[" EVENT_RULES "]," CLOSED "}" },
	{ "converge.graph/1", HEADER
	  "\"required\":[\"format\",\"host\",\"resources\",\"edges\"],"
	  "\"properties\":{"
	  "\"format\":{\"const\":\"converge.graph/1\"},\"host\":" TEXT ","
	  "\"resources\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"id\",\"type\",\"name\",\"origin\"],"
	  "\"properties\":{\"id\":" TEXT ",\"type\":" TEXT ",\"name\":" TEXT
	  ",\"origin\":" ORIGIN "}," CLOSED "}},\"edges\":{\"type\":\"array\","
	  "\"items\":{\"type\":\"object\",\"required\":[\"from\",\"to\","
	  "\"reason\",\"stated\",\"notifies\"],\"properties\":{"
	  "\"from\":" TEXT ",\"to\":" TEXT ",\"reason\":" TEXT ","
	  "\"stated\":" YES_OR_NO ",\"notifies\":" YES_OR_NO "}," CLOSED
	  "}}}," CLOSED "}" },
	{ "converge.check/1", HEADER
	  "\"required\":[\"format\",\"findings\",\"summary\"],"
	  "\"properties\":{"
	  "\"format\":{\"const\":\"converge.check/1\"}," COMMIT_PROPERTIES
	  ",\"path\":" TEXT ","
	  "\"findings\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"severity\",\"rule\",\"text\",\"fingerprint\"],"
	  "\"properties\":{"
	  "\"severity\":{\"enum\":[\"error\",\"warning\",\"info\"]},"
	  "\"rule\":{\"type\":\"string\",\"pattern\":\"^[a-z]+(-[a-z]+)*$\"},"
	  "\"reason\":" TEXT ",\"fingerprint\":{\"type\":\"string\","
	  "\"pattern\":\"^[0-9a-f]{32}$\"},"
	  "\"file\":" TEXT ",\"line\":" COUNT_OF ",\"column\":" COUNT_OF
	  ",\"subject\":" TEXT ",\"text\":" TEXT ",\"hint\":" TEXT "}," CLOSED
	  "}},\"summary\":{\"type\":\"object\",\"required\":[\"hosts\","
	  "\"roles\",\"resources\",\"errors\",\"warnings\",\"info\","
	  "\"allowed\",\"more\"],"
	  "\"additionalProperties\":" COUNT_OF "}}," CLOSED "}" },
	{ "converge.fmt/1", HEADER
	  "\"required\":[\"format\",\"files\",\"summary\"],"
	  "\"properties\":{"
	  "\"format\":{\"const\":\"converge.fmt/1\"},"
	  "\"files\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"file\",\"rewritten\"],\"properties\":{"
	  "\"file\":" TEXT ",\"rewritten\":" YES_OR_NO ",\"diff\":" TEXT
	  "}," CLOSED "}},\"summary\":{\"type\":\"object\",\"required\":["
	  "\"files\",\"different\"],\"additionalProperties\":" COUNT_OF
	  "}}," CLOSED "}" },
	{ "converge.tests/1", HEADER
	  "\"required\":[\"format\",\"errors\",\"hosts\",\"summary\"],"
	  "\"properties\":{\"format\":{\"const\":\"converge.tests/1\"},"
	  "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"text\"],\"properties\":{\"text\":" TEXT
	  ",\"file\":" TEXT ",\"line\":" COUNT_OF ",\"column\":" COUNT_OF
	  ",\"subject\":" TEXT ",\"hint\":" TEXT "}," CLOSED
	  "}},\"hosts\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"host\",\"picture\",\"resources\",\"changes\","
	  "\"withheld\",\"passes\",\"kills\",\"unknown\",\"assumed\","
	  "\"failures\",\"tests\"],\"properties\":{\"host\":" TEXT
	  ",\"picture\":{\"enum\":[\"snapshot\",\"debian\"]},"
	  "\"resources\":" COUNT_OF ",\"changes\":" COUNT_OF
	  ",\"withheld\":" COUNT_OF ",\"passes\":" COUNT_OF
	  ",\"kills\":" COUNT_OF ",\"assumed\":" TEXTS
	  ",\"unknown\":{\"type\":\"array\",\"items\":{\"type\":"
	  "\"object\",\"required\":[\"id\",\"because\"],\"properties\":{"
	  "\"id\":" TEXT ",\"because\":" TEXT ",\"origin\":" ORIGIN "}," CLOSED
	  "}},\"failures\":" TEST_FAILURES
	  ",\"tests\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"file\",\"expectations\",\"failures\"],"
	  "\"properties\":{\"file\":" TEXT ",\"description\":" TEXT
	  ",\"expectations\":" COUNT_OF ",\"failures\":" TEST_FAILURES
	  "}," CLOSED "}}}," CLOSED
	  "}},\"summary\":{\"type\":\"object\",\"required\":[\"hosts\","
	  "\"passes\",\"kills\",\"tests\",\"expectations\",\"failures\","
	  "\"unknown\",\"withheld\",\"errors\"],"
	  "\"additionalProperties\":" COUNT_OF "}}," CLOSED "}" },
	{ "converge.diff/1", HEADER
	  "\"required\":[\"format\",\"old\",\"new\",\"summary\",\"groups\","
	  "\"added\",\"removed\"],\"properties\":{\"format\":{\"const\":"
	  "\"converge.diff/1\"},\"old\":" SEE_REVISION ",\"new\":" SEE_REVISION
	  ",\"asked\":" SEE_REVISION ",\"summary\":" REVIEW_SUMMARY
	  ",\"groups\":{\"type\":\"array\",\"items\":" DIFF_GROUP
	  "},\"added\":" ADDED_HOSTS ",\"removed\":" TEXTS
	  ",\"snapshots\":{\"type\":\"object\",\"required\":[\"planned\","
	  "\"unsigned\",\"without\"],\"properties\":{\"planned\":" COUNT_OF
	  ",\"unsigned\":" COUNT_OF ",\"host\":" TEXT ",\"time\":" TEXT
	  ",\"without\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"host\"],\"properties\":{\"host\":" TEXT
	  ",\"because\":" TEXT "}," CLOSED "}}}," CLOSED
	  "},\"assumed\":{\"type\":\"object\",\"required\":[\"hosts\","
	  "\"facts\"],\"properties\":{\"hosts\":" TEXTS
	  ",\"facts\":{\"type\":\"object\"}}," CLOSED "}}," CLOSED "}" },
	{ "converge.impact/1", HEADER
	  "\"required\":[\"format\",\"old\",\"new\",\"summary\",\"groups\","
	  "\"added\",\"removed\"],\"properties\":{\"format\":{\"const\":"
	  "\"converge.impact/1\"},\"old\":" SEE_REVISION
	  ",\"new\":" SEE_REVISION ",\"asked\":" SEE_REVISION
	  ",\"summary\":" REVIEW_SUMMARY
	  ",\"groups\":{\"type\":\"array\",\"items\":" IMPACT_GROUP
	  "},\"added\":" ADDED_HOSTS ",\"removed\":" TEXTS "}," CLOSED "}" },
	/* there will be more facts */
	{ "converge.facts/1", HEADER
	  "\"required\":[\"format\",\"hostname\",\"os\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.facts/1\"},\"hostname\":" TEXT ","
	  "\"fqdn\":" TEXT ","
	  "\"domain\":" TEXT ","
	  "\"timezone\":" TEXT ","
	  "\"package_manager\":" TEXT ","
	  "\"init\":" TEXT ","
	  "\"architecture\":" TEXT ","
	  "\"os\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"id\":" TEXT ","
	  "\"version\":" TEXT ","
	  "\"codename\":" TEXT ","
	  "\"variant\":" TEXT ","
	  "\"name\":" TEXT ","
	  "\"like\":" TEXTS "}}"
	  ","
	  "\"kernel\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"name\":" TEXT ","
	  "\"release\":" TEXT ","
	  "\"version\":" TEXT "}}"
	  ","
	  "\"cpu\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"count\":" COUNT_OF ","
	  "\"model\":" TEXT ","
	  "\"cores\":" COUNT_OF ","
	  "\"sockets\":" COUNT_OF "}}"
	  ","
	  "\"memory\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"mib\":" COUNT_OF ","
	  "\"swap_mib\":" COUNT_OF "}}"
	  ","
	  "\"hardware\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"vendor\":" TEXT ","
	  "\"product\":" TEXT ","
	  "\"bios\":" TEXT ","
	  "\"chassis\":" TEXT ","
	  "\"uefi\":" YES_OR_NO "}}"
	  ","
	  "\"virtualization\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"kind\":"
	  "{\"enum\":[\"none\",\"vm\",\"container\"]}"
	  ","
	  "\"name\":" TEXT "}}"
	  ","
	  "\"disks\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"names\":" TEXTS ","
	  "\"list\":"
	  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
	  "}}"
	  ","
	  "\"mounts\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"paths\":" TEXTS ","
	  "\"list\":"
	  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
	  "}}"
	  ","
	  "\"network\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"names\":" TEXTS ","
	  "\"interfaces\":"
	  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
	  ","
	  "\"ipv4\":" TEXTS ","
	  "\"ipv6\":" TEXTS ","
	  "\"interface\":" TEXT ","
	  "\"gateway\":" TEXT ","
	  "\"address\":" TEXT "}}"
	  ","
	  "\"local\":"
	  "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\"}}"
	  "}}" },
	{ "converge.secrets/1",
	  HEADER "\"required\":[\"format\",\"secrets\"],\"properties\":{"
		 "\"format\":{\"const\":\"converge.secrets/1\"},\"secrets\":"
		 "{\"type\":\"array\",\"items\":{\"type\":\"object\","
		 "\"required\":[\"secret\",\"hosts\",\"people\",\"unknown\","
		 "\"used_by\"],\"additionalProperties\":false,\"properties\":{"
		 "\"secret\":" TEXT ",\"hosts\":" TEXTS ",\"people\":" TEXTS
		 ",\"unknown\":" COUNT_OF ",\"used_by\":" TEXTS "}}}}}" },
	{ "converge.bundle/1", HEADER
	  "\"required\":[\"format\",\"revision\",\"hosts\",\"objects\","
	  "\"sha256\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.bundle/1\"}," COMMIT_PROPERTIES
	  ",\"path\":" TEXT ",\"hosts\":" TEXTS ",\"objects\":" COUNT_OF
	  ",\"sha256\":" SHA256 ",\"archive\":{\"type\":\"object\","
	  "\"required\":[\"sha256\",\"size\"],\"properties\":{"
	  "\"sha256\":" SHA256 ",\"size\":" COUNT_OF "}," CLOSED "}}," CLOSED
	  "}" },
	{ "converge.why/1", HEADER
	  "\"required\":[\"format\",\"host\",\"source\",\"id\",\"origin\","
	  "\"parts\",\"requires\",\"required_by\",\"runs\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.why/1\"},\"host\":" TEXT
	  ",\"source\":" TEXT "," COMMIT_PROPERTIES ",\"work_tree\":" YES_OR_NO
	  ",\"unread\":" TEXT ",\"id\":" TEXT
	  ",\"origin\":{\"type\":\"object\",\"required\":[\"file\"],"
	  "\"properties\":{" PLACE_PROPERTIES "}," CLOSED "},\"from\":" TEXT
	  ",\"reason\":" TEXT ",\"each\":{\"type\":[\"string\",\"integer\"]},"
	  "\"description\":" TEXT ",\"changed\":" PAST
	  ",\"uncommitted\":" YES_OR_NO
	  ",\"parts\":{\"type\":\"array\",\"items\":{"
	  "\"type\":\"object\",\"required\":[\"kind\",\"file\"],\"properties\":"
	  "{" PART_PROPERTIES "}," CLOSED "}},\"requires\":" NEIGHBOURS
	  ",\"required_by\":" NEIGHBOURS
	  ",\"runs\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"run\",\"action\",\"result\"],\"properties\":{"
	  "\"run\":" COUNT_OF ",\"action\":" TEXT ",\"result\":{\"enum\":["
	  "\"planned\",\"done\",\"failed\",\"skipped\",\"left\","
	  "\"unchanged\",\"withheld\"]},"
	  "\"time\":" TEXT ",\"command\":" TEXT ",\"revision\":" TEXT
	  "}," CLOSED "}}}," CLOSED "}" },
	{ "converge.history/1", HEADER
	  "\"required\":[\"format\"],\"properties\":{\"format\":{\"const\":"
	  "\"converge.history/1\"},\"id\":" TEXT
	  ",\"runs\":{\"type\":\"array\",\"items\":" RECORDED_RUN
	  "},\"refused\":{\"type\":\"array\",\"items\":" LOOK
	  "},\"changes\":" RECORDED_CHANGES "}," CLOSED "}" },
	{ "converge.status/1", HEADER
	  "\"required\":[\"format\",\"state\",\"well\",\"problems\","
	  "\"owed\",\"withheld\",\"failed\",\"left\"],\"properties\":{"
	  "\"left\":" COUNT_OF
	  ",\"format\":{\"const\":\"converge.status/1\"},\"time\":" TEXT
	  ",\"state\":" TEXT ",\"host\":" TEXT ",\"well\":" YES_OR_NO
	  ",\"problems\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"kind\",\"text\"],\"properties\":{\"kind\":{"
	  "\"enum\":[\"unknown\",\"never\",\"interrupted\",\"failed\","
	  "\"stopped\",\"refused\",\"owed\"]},\"text\":" TEXT "}," CLOSED
	  "}},\"running\":{\"type\":\"object\",\"required\":[\"command\"],"
	  "\"properties\":{\"pid\":" COUNT_OF ",\"since\":" TEXT
	  ",\"command\":" TEXT ",\"run\":" COUNT_OF ",\"changes\":" COUNT_OF
	  ",\"done\":" COUNT_OF ",\"next\":" TEXT "}," CLOSED
	  "},\"last\":" RECORDED_RUN
	  ",\"world\":{\"type\":\"object\",\"required\":[\"revision\"],"
	  "\"properties\":{\"revision\":" TEXT ",\"date\":" TEXT
	  ",\"age\":" COUNT_OF ",\"taken\":" TEXT "}," CLOSED "},\"look\":" LOOK
	  ",\"refused\":" LOOK
	  ",\"owed\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"id\",\"cause\",\"run\"],\"properties\":{"
	  "\"id\":" TEXT ",\"cause\":" TEXT ",\"run\":" COUNT_OF "}," CLOSED
	  "}},\"withheld\":" RECORDED_CHANGES ",\"failed\":" RECORDED_CHANGES
	  "}," CLOSED "}" },
	{ "converge.origins/1", HEADER
	  "\"required\":[\"format\",\"source\",\"id\",\"summary\","
	  "\"groups\",\"without\",\"wrong\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.origins/1\"},\"source\":" TEXT
	  ",\"id\":" TEXT "," COMMIT_PROPERTIES ",\"work_tree\":" YES_OR_NO
	  ",\"unread\":" TEXT ",\"summary\":{\"type\":\"object\",\"required\":["
	  "\"hosts\",\"with\",\"without\",\"wrong\"],"
	  "\"additionalProperties\":" COUNT_OF "},\"without\":" TEXTS
	  ",\"wrong\":{\"type\":\"array\",\"items\":{"
	  "\"type\":\"object\",\"required\":[\"host\"],\"properties\":{"
	  "\"host\":" TEXT ",\"text\":" TEXT "}," CLOSED
	  "}},\"groups\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"hosts\",\"origin\",\"parts\",\"requires\","
	  "\"required_by\"],\"properties\":{\"hosts\":" TEXTS
	  ",\"origin\":{\"type\":\"object\",\"required\":[\"file\"],"
	  "\"properties\":{" PLACE_PROPERTIES "}," CLOSED "},\"from\":" TEXT
	  ",\"reason\":" TEXT ",\"each\":{\"type\":[\"string\",\"integer\"]},"
	  "\"description\":" TEXT ",\"changed\":" PAST
	  ",\"changed_of\":{\"enum\":[\"some\",\"shared\"]}"
	  ",\"uncommitted\":" YES_OR_NO
	  ",\"parts\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"kind\"],\"properties\":{" PART_PROPERTIES
	  ",\"own\":{\"const\":true},\"only\":" TEXTS
	  "},\"anyOf\":[{\"required\":[\"file\"]},{\"required\":[\"own\"]}]"
	  "," CLOSED "}},\"requires\":" SOME_NEIGHBOURS
	  ",\"required_by\":" SOME_NEIGHBOURS "}," CLOSED "}}}," CLOSED "}" },
	{ "converge.snapshot/1", HEADER
	  "\"required\":[\"format\",\"recorded\",\"files\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.snapshot/"
	  "1\"},\"recorded\":{\"type\":\"object\",\"required\":[\"host\","
	  "\"time\",\"version\"],\"properties\":{\"host\":" TEXT
	  ",\"time\":" TEXT ",\"version\":" TEXT ",\"revision\":" COMMIT_ID
	  ",\"state\":" TEXT "}," CLOSED
	  "},\"facts\":{\"type\":\"object\"},\"files\":" EACH
	  "{\"type\":\"object\",\"required\":[\"type\"],\"properties\":{"
	  "\"type\":{\"enum\":[\"absent\",\"file\",\"directory\",\"link\","
	  "\"FIFO\",\"socket\",\"character device\",\"block "
	  "device\"]},\"mode\":{\"type\":\"string\",\"pattern\":\"^[0-7]{4,5}$"
	  "\"},\"uid\":" COUNT_OF ",\"gid\":" COUNT_OF ",\"size\":" COUNT_OF
	  ",\"sha256\":" SHA256 ",\"content\":" TEXT ",\"target\":" TEXT
	  ",\"all\":{\"const\":true}}," CLOSED "}},\"users\":" EACH
	  "{\"anyOf\":[" COUNT_OF ",{\"type\":\"object\",\"required\":[\"uid\"]"
	  ",\"properties\":{\"uid\":" COUNT_OF ",\"gid\":" COUNT_OF
	  ",\"comment\":" TEXT ",\"home\":" TEXT ",\"shell\":" TEXT
	  ",\"locked\":" YES_OR_NO ",\"expires\":" TEXT "}," CLOSED
	  "}]}},\"groups\":" EACH "{\"anyOf\":[" COUNT_OF
	  ",{\"type\":\"object\",\"required\":[\"gid\"],\"properties\":{"
	  "\"gid\":" COUNT_OF ",\"members\":" TEXTS "}," CLOSED
	  "}]}},\"packages\":" EACH "{\"anyOf\":[" TEXT
	  ",{\"type\":\"object\",\"properties\":{\"state\":" TEXT
	  ",\"version\":" TEXT ",\"candidate\":" TEXT ",\"hold\":" YES_OR_NO
	  "}," CLOSED "}]}},\"units\":" EACH
	  "{\"type\":\"object\",\"properties\":{\"active\":" TEXT
	  ",\"enabled\":" TEXT ",\"install\":" TEXT
	  ",\"older\":{\"type\":\"object\",\"required\":[\"than\",\"since\"],"
	  "\"properties\":{\"than\":" TEXT ",\"since\":" COUNT_OF "}," CLOSED
	  "}}," CLOSED "}},\"settled\":" EACH
	  "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"}},\"owed\":" EACH
		  TEXT "}}," CLOSED "}" },
	{ "converge.version/1", HEADER
	  "\"required\":[\"format\",\"converge\",\"jansson\"],"
	  "\"properties\":{\"format\":{\"const\":\"converge.version/1\"},"
	  "\"missing\":{\"type\":\"object\",\"additionalProperties\":" TEXT
	  "}},"
	  "\"additionalProperties\":" TEXT "}" },
};

/* Definitions of those that are too long without. */
static const struct {
	const char *format, *schema;
} definitions[] = {
	{ "converge.diff/1",
	  "{\"revision\":" REVISION ",\"change\":" DIFF_CHANGE
	  ",\"finding\":" FINDING "}" },
	{ "converge.impact/1",
	  "{\"revision\":" REVISION ",\"finding\":" FINDING "}" },
};

json_t *doc_output_schema(const char *format)
{
	json_t *schema = NULL;

	for (size_t i = 0; i < COUNT(outputs); i++)
		if (strcmp(outputs[i].format, format) == 0)
			schema = json_loads(outputs[i].schema, 0, NULL);
	for (size_t i = 0; schema && i < COUNT(definitions); i++)
		if (strcmp(definitions[i].format, format) == 0)
			json_object_set_new(
				schema, "definitions",
				json_loads(definitions[i].schema, 0, NULL));
	return schema;
}

const char *const *doc_outputs(void)
{
	static const char *names[COUNT(outputs) + 1];

	for (size_t i = 0; i < COUNT(outputs); i++)
		names[i] = outputs[i].format;
	return names;
}
