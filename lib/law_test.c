/* SPDX-License-Identifier: MIT */
/*
 * The law, over every case below: after apply a second plan is empty, and the
 * host is as expected; and whatever write fails, wherever the run is killed or
 * told to stop, the next run gets there, and no refresh is lost or doubled.
 */
#include "lib/fixture_test.h"

#define F(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"
#define FM(path, text, mode)                                                 \
	"'" path "': {'type': 'file', 'content': '" text "', 'mode': '" mode \
	"'}"
#define FO(path, text, mode, uid, gid)                                       \
	"'" path "': {'type': 'file', 'content': '" text "', 'mode': '" mode \
	"', 'uid': " uid ", 'gid': " gid "}"
#define D(path) "'" path "': {'type': 'directory'}"
#define DM(path, mode) "'" path "': {'type': 'directory', 'mode': '" mode "'}"
#define DO(path, mode, uid, gid)                                            \
	"'" path "': {'type': 'directory', 'mode': '" mode "', 'uid': " uid \
	", 'gid': " gid "}"
#define L(path, target) "'" path "': {'type': 'link', 'target': '" target "'}"
#define WITH(files, more) "{'files': {" files "}, " more "}"
#define ACCOUNTS "'users': {'app': 1000}, 'groups': {'www': 33}"
#define ON_NOTICE(name) \
	"'exec:" name "': {'command': ['" name "'], 'refreshonly': true}"

struct law {
	const char *name, *manifest, *before;
	const char *after; /* its files */
	const char *ran;   /* commands, in order, each ended by ';' */
	const char *rest;  /* what a second plan still shows, or NULL */
};

/* What no picture knows of: see struct watched. */
static const char brings[] = "bringer:/d/a bringer:/d/b/c bring:/d/a "
			     "bring:/d/b/c bring:/d/b/e";

/* An exec's command is its name, so that a run can be told from another. */
static const struct law laws[] = {
	{ "nothing asks for nothing", "", "", "", "", NULL },
	{ "what is not managed stays", "", F("/a", "1") "," L("/b", "a"),
	  F("/a", "1") "," L("/b", "a"), "", NULL },

	/* files */
	{ "a file is made", "'file:/etc/motd': {'content': 'hi'}", D("/etc"),
	  F("/etc/motd", "hi"), "", NULL },
	{ "a file without content is made empty", "'file:/a': {}", "",
	  F("/a", ""), "", NULL },
	{ "a file without content is left as it is", "'file:/a': {}",
	  F("/a", "mine"), F("/a", "mine"), "", NULL },
	{ "content is replaced", "'file:/a': {'content': 'new'}",
	  F("/a", "old"), F("/a", "new"), "", NULL },
	{ "content of the same length is replaced",
	  "'file:/a': {'content': 'new'}", F("/a", "old"), F("/a", "new"), "",
	  NULL },
	{ "what is right is left alone",
	  "'file:/a': {'content': 'x', 'mode': '0600'}", FM("/a", "x", "0600"),
	  FM("/a", "x", "0600"), "", NULL },
	{ "replaced content keeps owner and mode",
	  "'file:/a': {'content': 'new'}", FO("/a", "old", "0640", "5", "6"),
	  FO("/a", "new", "0640", "5", "6"), "", NULL },
	{ "a mode is set", "'file:/a': {'mode': '0600'}", F("/a", "x"),
	  FM("/a", "x", "0600"), "", NULL },
	{ "set-uid is set", "'file:/a': {'mode': '4755'}", F("/a", "x"),
	  FM("/a", "x", "4755"), "", NULL },
	{ "an octal mode takes set-uid away", "'file:/a': {'mode': '0755'}",
	  FM("/a", "x", "4755"), FM("/a", "x", "0755"), "", NULL },
	{ "a symbolic mode is relative", "'file:/a': {'mode': 'u+x,go-r'}",
	  FM("/a", "x", "0646"), FM("/a", "x", "0702"), "", NULL },
	{ "a symbolic mode of a new file is relative to 0644",
	  "'file:/a': {'mode': 'go='}", "", FM("/a", "", "0600"), "", NULL },
	{ "owner and group by name",
	  "'file:/a': {'owner': 'app', 'group': 'www'}",
	  WITH(F("/a", "x"), ACCOUNTS), FO("/a", "x", "0644", "1000", "33"), "",
	  NULL },
	{ "owner and group by number",
	  "'file:/a': {'content': 'x', 'owner': '7', 'group': '8'}", "",
	  FO("/a", "x", "0644", "7", "8"), "", NULL },
	{ "all of a file at once",
	  "'file:/a': {'content': 'n', 'owner': 'app', 'mode': '0400'}",
	  WITH(FO("/a", "o", "0777", "3", "4"), ACCOUNTS),
	  FO("/a", "n", "0400", "1000", "4"), "", NULL },
	{ "a file is removed", "'file:/a': {'ensure': 'absent'}",
	  F("/a", "x") "," F("/b", "y"), F("/b", "y"), "", NULL },
	{ "what is absent stays so", "'file:/a': {'ensure': 'absent'}",
	  F("/b", "y"), F("/b", "y"), "", NULL },
	{ "what is absent has no mode",
	  "'file:/a': {'ensure': 'absent', 'mode': '0600'}", F("/a", "x"), "",
	  "", NULL },
	{ "a link is replaced, not followed", "'file:/a': {'content': 'x'}",
	  L("/a", "b") "," F("/b", "mine"), F("/a", "x") "," F("/b", "mine"),
	  "", NULL },
	{ "a dangling link is replaced", "'file:/a': {'content': 'x'}",
	  L("/a", "/nowhere"), F("/a", "x"), "", NULL },
	{ "absent removes a link, not its target",
	  "'file:/a': {'ensure': 'absent'}", L("/a", "b") "," F("/b", "y"),
	  F("/b", "y"), "", NULL },
	{ "force removes a FIFO", "'file:/a': {'content': 'x', 'force': true}",
	  "'/a': {'type': 'FIFO'}", F("/a", "x"), "", NULL },
	{ "force removes a directory and all that is in it",
	  "'file:/a': {'content': 'x', 'force': true}",
	  F("/a/b/c", "1") "," D("/a/d"), F("/a", "x"), "", NULL },
	{ "replace false leaves content",
	  "'file:/a': {'content': 'n', 'replace': false, 'mode': '0600'}",
	  F("/a", "mine"), FM("/a", "mine", "0600"), "", NULL },
	{ "replace false makes what is missing",
	  "'file:/a': {'content': 'n', 'replace': false}", "", F("/a", "n"), "",
	  NULL },
	{ "a file of the world is copied",
	  "'file:/a': {'source': 'files/motd'}", "", F("/a", "hello\\n"), "",
	  NULL },
	{ "a template is filled in",
	  "{'version': 1, 'vars': {'workers': 4}, 'resources': {"
	  "'file:/a': {'template': 'templates/motd'}}}",
	  F("/a", "old"), F("/a", "web-1 has 4\\n"), "", NULL },
	{ "no backup, the same change",
	  "'file:/a': {'content': 'n', 'backup': false}", F("/a", "o"),
	  F("/a", "n"), "", NULL },
	{ "a validator that accepts",
	  "'file:/a': {'content': 'n', 'validate': ['lint', '%']}",
	  WITH(F("/a", "o"), "'commands': {'lint %': 0}"), F("/a", "n"), "",
	  NULL },
	{ "names of any script", "'file:/etc/é λ': {'content': 'ü'}", D("/etc"),
	  F("/etc/é λ", "ü"), "", NULL },

	/* directories */
	{ "a directory is made", "'directory:/a': {}", "", D("/a"), "", NULL },
	{ "folders come before what is in them",
	  "'file:/a/b/c': {'content': '1'}, 'directory:/a/b': {'mode': "
	  "'0700'}, 'directory:/a': {}",
	  "", DM("/a/b", "0700") "," F("/a/b/c", "1"), "", NULL },
	{ "a directory's mode and owner",
	  "'directory:/a': {'mode': '1777', 'owner': 'app', 'group': 'www'}",
	  WITH(D("/a"), ACCOUNTS), DO("/a", "1777", "1000", "33"), "", NULL },
	{ "a directory in place of a file",
	  "'directory:/a': {'force': true}, 'file:/a/b': {'content': 'x'}",
	  F("/a", "1"), F("/a/b", "x"), "", NULL },
	{ "a directory in place of a link, whose target stays",
	  "'directory:/a': {'force': true}, 'file:/a/f': {'content': 'x'}",
	  L("/a", "b") "," F("/b/f", "mine"),
	  F("/a/f", "x") "," F("/b/f", "mine"), "", NULL },
	{ "an empty directory is removed",
	  "'directory:/a': {'ensure': 'absent'}", D("/a"), "", "", NULL },
	{ "force removes what is in a directory",
	  "'directory:/a': {'ensure': 'absent', 'force': true}",
	  F("/a/b/c", "1") "," L("/a/l", "x"), "", "", NULL },
	{ "what is in a directory goes before it",
	  "'directory:/a': {'ensure': 'absent'}, 'directory:/a/b': {'ensure': "
	  "'absent'}, 'file:/a/b/c': {'ensure': 'absent'}",
	  F("/a/b/c", "1"), "", "", NULL },
	{ "a home that its user owns",
	  "'file:/srv/app/x': {'content': '1', 'owner': 'app', 'group': "
	  "'www'}, 'directory:/srv/app': {'owner': 'app', 'group': 'www', "
	  "'mode': '0700'}",
	  WITH(D("/srv"), ACCOUNTS),
	  DO("/srv/app", "0700", "1000", "33") "," FO("/srv/app/x", "1", "0644",
						      "1000", "33"),
	  "", NULL },
	{ "recurse sets owner and mode below",
	  "'directory:/a': {'recurse': true, 'owner': '5', 'mode': "
	  "'u=rwX,go='}",
	  F("/a/f", "1") "," FM("/a/b/x", "2", "0755") "," L("/a/l", "f"),
	  DO("/a", "0700", "5", "0") "," DO("/a/b", "0700", "5", "0") "," FO(
		  "/a/f", "1", "0600", "5", "0") "," FO("/a/b/x", "2", "0700",
							"5",
							"0") "," L("/a/l", "f"),
	  "", NULL },
	{ "a folder is given away after what is managed in it",
	  "'directory:/a': {'owner': '5'}, 'directory:/a/b': {'owner': '5', "
	  "'group': '6'}, 'file:/a/b/x': {'owner': '5'}, 'file:/a/f': "
	  "{'owner': '5', 'content': '2'}, 'file:/a/n': {'owner': '5', "
	  "'group': '7', 'content': ''}",
	  F("/a/f", "1") "," F("/a/b/x", "2"),
	  DO("/a", "0755", "5", "0") "," DO("/a/b", "0755", "5", "6") "," FO(
		  "/a/f", "2", "0644", "5",
		  "0") "," FO("/a/b/x", "2", "0644", "5",
			      "0") "," FO("/a/n", "", "0644", "5", "7"),
	  "", NULL },
	{ "recurse with a mode for files",
	  "'directory:/a': {'recurse': true, 'mode': '0750', 'file_mode': "
	  "'0640'}",
	  F("/a/b/f", "1"),
	  DM("/a", "0750") "," DM("/a/b", "0750") "," FM("/a/b/f", "1", "0640"),
	  "", NULL },
	{ "recurse leaves to others what is theirs",
	  "'directory:/a': {'recurse': true, 'file_mode': '0600'}, "
	  "'file:/a/mine': {'mode': '0640'}",
	  F("/a/mine", "1") "," F("/a/f", "2"),
	  FM("/a/mine", "1", "0640") "," FM("/a/f", "2", "0600"), "", NULL },
	{ "purge removes what is not managed",
	  "'directory:/a': {'purge': true}, 'file:/a/keep': {'content': 'k'}",
	  F("/a/keep", "k") "," F("/a/x", "1") "," L("/a/l", "x"),
	  F("/a/keep", "k"), "", NULL },
	{ "purge removes folders with what is in them",
	  "'directory:/a': {'purge': true}",
	  F("/a/b/c/d", "1") "," F("/a/b/e", "2") "," D("/a/f"), D("/a"), "",
	  NULL },
	{ "purge leaves folders on the way to what is managed",
	  "'directory:/a': {'purge': true}, 'file:/a/b/c': {'content': '1'}",
	  F("/a/b/c", "1") "," F("/a/b/x", "2") "," F("/a/y", "3"),
	  F("/a/b/c", "1") "," F("/a/b/x", "2"), "", NULL },
	{ "purge with recurse goes on below",
	  "'directory:/a': {'purge': true, 'recurse': true}, 'file:/a/b/c': "
	  "{'content': '1'}",
	  F("/a/b/c", "1") "," F("/a/b/x", "2") "," F("/a/y", "3"),
	  F("/a/b/c", "1"), "", NULL },
	{ "purge of an empty folder", "'directory:/a': {'purge': true}",
	  D("/a"), D("/a"), "", NULL },

	/* copies of folders of the world */
	{ "a folder is mirrored", "'directory:/app': {'source': 'files/app'}",
	  "",
	  FM("/app/bin/run", "#!/bin/sh\\n", "0755") "," F(
		  "/app/etc/app.conf",
		  "workers = 4\\n") "," F("/app/etc/extra/more.conf",
					  "more = yes\\n") "," L("/app/current",
								 "etc/"
								 "app.conf"),
	  "", NULL },
	{ "a mirror is mended and purged",
	  "'directory:/app': {'source': 'files/one', 'purge': true}",
	  F("/app/only", "changed") "," F("/app/other", "x") "," D("/app/dir"),
	  F("/app/only", "1\\n"), "", NULL },
	{ "a mirror without purge leaves the rest",
	  "'directory:/app': {'source': 'files/one'}", F("/app/other", "x"),
	  F("/app/only", "1\\n") "," F("/app/other", "x"), "", NULL },
	{ "a resource of its own beats the mirror",
	  "'directory:/app': {'source': 'files/one'}, 'file:/app/only': "
	  "{'content': 'mine'}",
	  "", F("/app/only", "mine"), "", NULL },
	{ "owner and modes of a mirror",
	  "'directory:/app': {'source': 'files/app', 'owner': '5', 'group': "
	  "'6', 'mode': '0700', 'file_mode': '0600'}",
	  "",
	  DO("/app", "0700", "5", "6") "," DO("/app/bin", "0700", "5", "6") "," DO(
		  "/app/etc",
		  "0700", "5",
		  "6") "," DO("/app/etc/extra", "0700", "5",
			      "6") "," FO("/app/bin/run", "#!/bin/sh\\n",
					  "0600", "5",
					  "6") "," FO("/app/etc/app.conf",
						      "workers = 4\\n", "0600",
						      "5",
						      "6") "," FO("/app/etc/"
								  "extra/"
								  "more.conf",
								  "more = "
								  "yes\\n",
								  "0600", "5",
								  "6") ","
								       "'/app/"
								       "current"
								       "': "
								       "{'type'"
								       ": "
								       "'link',"
								       " '"
								       "target'"
								       ": "
								       "'etc/"
								       "app."
								       "conf', "
								       "'uid': "
								       "5, "
								       "'gid': "
								       "6}",
	  "", NULL },

	/* links */
	{ "a link is made", "'link:/l': {'target': 'a/b'}", "", L("/l", "a/b"),
	  "", NULL },
	{ "a link is turned", "'link:/l': {'target': 'new'}", L("/l", "old"),
	  L("/l", "new"), "", NULL },
	{ "a link that is right", "'link:/l': {'target': 'x'}", L("/l", "x"),
	  L("/l", "x"), "", NULL },
	{ "a link is removed", "'link:/l': {'ensure': 'absent'}", L("/l", "x"),
	  "", "", NULL },
	{ "force puts a link in place of a file",
	  "'link:/l': {'target': 'x', 'force': true}", F("/l", "1"),
	  L("/l", "x"), "", NULL },
	{ "force puts a link in place of a directory",
	  "'link:/l': {'target': 'x', 'force': true}", F("/l/a", "1"),
	  L("/l", "x"), "", NULL },
	{ "a link comes after what it points to",
	  "'link:/l': {'target': '/d/f'}, 'directory:/d': {}, 'file:/d/f': "
	  "{'content': '1'}",
	  "", F("/d/f", "1") "," L("/l", "/d/f"), "", NULL },
	{ "a file and a link change places",
	  "'file:/a': {'ensure': 'absent'}, 'file:/b': {'content': '1'}, "
	  "'link:/c': {'target': 'b'}",
	  F("/a", "1") "," L("/b", "a"), F("/b", "1") "," L("/c", "b"), "",
	  NULL },

	/* commands */
	{ "a command makes what it promises",
	  "'exec:make': {'command': ['make'], 'creates': '/x/y'}", "",
	  FM("/x/y", "", "0600") "," DM("/x", "0700"), "make;", NULL },
	{ "a command that has made it does not run",
	  "'exec:make': {'command': ['make'], 'creates': '/y'}", F("/y", "1"),
	  F("/y", "1"), "", NULL },
	{ "a command runs when one of its files is missing",
	  "'exec:make': {'command': ['make'], 'creates': ['/y', '/z']}",
	  F("/y", "1"), F("/y", "1") "," FM("/z", "", "0600"), "make;", NULL },
	{ "onlyif keeps a command from running",
	  "'exec:make': {'command': ['make'], 'onlyif': ['ask']}",
	  WITH("", "'commands': {'ask': 1}"), "", "", NULL },
	{ "unless keeps a command from running",
	  "'exec:make': {'command': ['make'], 'unless': [['no'], ['yes']]}",
	  WITH("", "'commands': {'no': 1, 'yes': 0}"), "", "", NULL },
	{ "creates and onlyif must both ask",
	  "'exec:make': {'command': ['make'], 'creates': '/y', 'onlyif': "
	  "['ask']}",
	  WITH("", "'commands': {'ask': 0}"), FM("/y", "", "0600"), "make;",
	  NULL },
	{ "a shell's command",
	  "'exec:/bin/sh -c a | b': {'command': 'a | b', 'shell': true, "
	  "'creates': '/y'}",
	  "", FM("/y", "", "0600"), "/bin/sh -c a | b;", NULL },
	{ "other codes mean success too",
	  "'exec:make': {'command': ['make'], 'creates': '/y', 'returns': [0, "
	  "3]}",
	  WITH("", "'commands': {'other': 3}"), FM("/y", "", "0600"), "make;",
	  NULL },
	{ "a command comes after the folder of what it makes",
	  "'exec:make': {'command': ['make'], 'creates': '/d/y'}, "
	  "'directory:/d': {}",
	  "", FM("/d/y", "", "0600"), "make;", NULL },
	{ "a file in place of what a command made",
	  "'exec:make': {'command': ['make'], 'creates': '/y'}, 'file:/y': "
	  "{'content': 'z', 'mode': '0644', 'require': 'exec:make'}",
	  "", F("/y", "z"), "make;", NULL },
	{ "a guard that is asked when what it needs has changed: no",
	  "'file:/a': {'content': '1'}, 'exec:make': {'command': ['make'], "
	  "'onlyif': ['ask'], 'require': 'file:/a'}",
	  WITH("", "'commands': {'ask': 1}"), F("/a", "1"), "", NULL },
	{ "a guard that is asked when what it needs has changed: yes",
	  "'file:/a': {'content': '1'}, 'exec:make': {'command': ['make'], "
	  "'onlyif': ['ask'], 'creates': '/y', 'require': 'file:/a'}",
	  WITH("", "'commands': {'ask': 0}"),
	  F("/a", "1") "," FM("/y", "", "0600"), "make;", NULL },

	/* packages */
	{ "a package is installed, then what needs it",
	  "'package:p': {}, 'file:/a': {'content': '1', 'require': "
	  "'package:p'}, 'file:/b': {'content': '2'}",
	  WITH("", "'packages': {}"), F("/a", "1") "," F("/b", "2"), "", NULL },
	{ "packages share a commit, and one notifies",
	  "'package:p': {'notify': 'exec:go'}, 'package:q': {'ensure': "
	  "'absent'}, 'package:r': {'ensure': '2', 'hold': true}, " ON_NOTICE(
		  "go"),
	  WITH("", "'packages': {'q': '1', 'r': '1'}"), "", "go;", NULL },
	{ "a command that needs a package runs",
	  "'package:p': {}, 'exec:make': {'command': ['make'], 'creates': "
	  "'/y', 'require': 'package:p'}",
	  WITH("", "'packages': {}"), FM("/y", "", "0600"), "make;", NULL },

	/* what is below a folder, and not known before its turn */
	{ "what a package brings is purged",
	  "'package:bringer': {}, 'directory:/d': {'purge': true, 'require': "
	  "'package:bringer', 'notify': 'exec:go'}, 'file:/d/keep': "
	  "{'content': 'k'}, " ON_NOTICE("go"),
	  WITH(F("/d/old", "1"), "'packages': {}"), F("/d/keep", "k"), "go;",
	  NULL },
	{ "what a package brings is purged from the folder that it brings",
	  "'package:bringer': {}, 'directory:/d': {'purge': true, 'mode': "
	  "'0700', 'require': 'package:bringer', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  WITH("", "'packages': {}"), DM("/d", "0700"), "go;", NULL },
	{ "what a package brings is given away with its folder",
	  "'package:bringer': {}, 'directory:/d': {'recurse': true, 'owner': "
	  "'5', 'file_mode': '0600', 'require': 'package:bringer', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  WITH(F("/d/old", "1"), "'packages': {}"),
	  DO("/d", "0755", "5", "0") "," DO("/d/b", "0755", "5", "0") "," FO(
		  "/d/a", "", "0600", "5",
		  "0") "," FO("/d/b/c", "", "0600", "5",
			      "0") "," FO("/d/old", "1", "0600", "5", "0"),
	  "go;", NULL },
	{ "what a package brings is purged from a mirror",
	  "'package:bringer': {}, 'directory:/d': {'source': 'files/one', "
	  "'purge': true, 'require': 'package:bringer', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  WITH("", "'packages': {}"), F("/d/only", "1\\n"), "go;", NULL },
	{ "what a command makes is purged",
	  "'exec:bring': {'command': ['bring'], 'creates': '/y'}, "
	  "'directory:/d': {'purge': true, 'require': 'exec:bring', "
	  "'notify': 'exec:go'}, " ON_NOTICE("go"),
	  D("/d"), D("/d") "," FM("/y", "", "0600"), "bring;go;", NULL },
	{ "what a command makes is owned, and what needs it waits",
	  "'exec:bring': {'command': ['bring'], 'creates': '/y'}, "
	  "'directory:/d': {'recurse': true, 'mode': 'u=rwX,go=', 'require': "
	  "'exec:bring'}, 'exec:make': {'command': ['make'], 'creates': "
	  "'/z', 'require': 'directory:/d'}",
	  F("/d/a", "1"),
	  DM("/d", "0700") "," FM("/d/a", "", "0600") "," DM("/d/b", "0700") "," FM(
		  "/d/b/c", "",
		  "0600") "," FM("/d/b/e", "",
				 "0600") "," FM("/y", "",
						"0600") "," FM("/z", "",
							       "0600"),
	  "bring;make;", NULL },

	/* notifications */
	{ "a file notifies",
	  "'file:/a': {'content': '1', 'notify': 'exec:go'}, " ON_NOTICE("go"),
	  "", F("/a", "1"), "go;", NULL },
	{ "what does not change notifies nobody",
	  "'file:/a': {'content': '1', 'notify': 'exec:go'}, " ON_NOTICE("go"),
	  F("/a", "1"), F("/a", "1"), "", NULL },
	{ "subscribe is notify from the other side",
	  "'exec:go': {'command': ['go'], 'refreshonly': true, 'subscribe': "
	  "['file:/a', 'file:/b']}, 'file:/a': {'content': '1'}, 'file:/b': {}",
	  F("/b", ""), F("/a", "1") "," F("/b", ""), "go;", NULL },
	{ "two notifiers, one refresh",
	  "'file:/a': {'content': '1', 'notify': 'exec:go'}, 'link:/b': "
	  "{'target': 'a', 'notify': 'exec:go'}, " ON_NOTICE("go"),
	  "", F("/a", "1") "," L("/b", "a"), "go;", NULL },
	{ "refreshes come last, in order",
	  "'file:/a': {'content': '1', 'notify': ['exec:two', "
	  "'exec:one']}, " ON_NOTICE("one") "," ON_NOTICE(
		  "two") ", 'file:/b': {'content': '2'}, 'directory:/c': {}",
	  "", F("/a", "1") "," F("/b", "2") "," D("/c"), "one;two;", NULL },
	{ "a command that runs itself needs no refresh",
	  "'file:/a': {'content': '1', 'notify': 'exec:go'}, 'exec:go': "
	  "{'command': ['go'], 'creates': '/y'}",
	  "", F("/a", "1") "," FM("/y", "", "0600"), "go;", NULL },
	{ "a command that has run before is refreshed",
	  "'file:/a': {'content': '1', 'notify': 'exec:go'}, 'exec:go': "
	  "{'command': ['go'], 'creates': '/y'}",
	  F("/y", ""), F("/a", "1") "," F("/y", ""), "go;", NULL },
	{ "a removal notifies",
	  "'file:/a': {'ensure': 'absent', 'notify': 'exec:go'}, " ON_NOTICE(
		  "go"),
	  F("/a", "1"), "", "go;", NULL },
	{ "a mode notifies",
	  "'directory:/a': {'mode': '0700', 'notify': 'exec:go'}, " ON_NOTICE(
		  "go"),
	  D("/a"), DM("/a", "0700"), "go;", NULL },
	{ "a command notifies",
	  "'exec:make': {'command': ['make'], 'creates': '/y', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  "", FM("/y", "", "0600"), "make;go;", NULL },
	{ "a command that is asked late notifies",
	  "'file:/a': {'content': '1'}, 'exec:make': {'command': ['make'], "
	  "'onlyif': ['ask'], 'creates': '/y', 'require': 'file:/a', "
	  "'notify': 'exec:go'}, " ON_NOTICE("go"),
	  WITH("", "'commands': {'ask': 0}"),
	  F("/a", "1") "," FM("/y", "", "0600"), "make;go;", NULL },
	{ "a command that is asked late and says no does not notify",
	  "'file:/a': {'content': '1'}, 'exec:make': {'command': ['make'], "
	  "'onlyif': ['ask'], 'require': 'file:/a', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  WITH("", "'commands': {'ask': 1}"), F("/a", "1"), "", NULL },
	{ "a refresh notifies in its turn",
	  "'file:/a': {'content': '1', 'notify': 'exec:one'}, 'exec:one': "
	  "{'command': ['one'], 'refreshonly': true, 'notify': "
	  "'exec:two'}, " ON_NOTICE("two"),
	  "", F("/a", "1"), "one;two;", NULL },
	{ "a refresh asks its guards: yes",
	  "'file:/a': {'content': '1', 'notify': 'exec:go'}, 'exec:go': "
	  "{'command': ['go'], 'refreshonly': true, 'onlyif': ['ask']}",
	  WITH("", "'commands': {'ask': 0}"), F("/a", "1"), "go;", NULL },
	{ "one file notifies three",
	  "'file:/a': {'content': '1', 'notify': ['exec:p', 'exec:q', "
	  "'exec:r']}, " ON_NOTICE("p") "," ON_NOTICE("q") "," ON_NOTICE("r"),
	  "", F("/a", "1"), "p;q;r;", NULL },
	{ "what is purged notifies",
	  "'directory:/a': {'purge': true, 'notify': 'exec:go'}, " ON_NOTICE(
		  "go"),
	  F("/a/x", "1") "," F("/a/y", "2"), D("/a"), "go;", NULL },
	{ "what is below notifies",
	  "'directory:/a': {'recurse': true, 'file_mode': '0600', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  F("/a/x", "1") "," F("/a/y", "2"),
	  FM("/a/x", "1", "0600") "," FM("/a/y", "2", "0600"), "go;", NULL },
	{ "a mirror notifies",
	  "'directory:/a': {'source': 'files/one', 'notify': "
	  "'exec:go'}, " ON_NOTICE("go"),
	  F("/a/only", "old"), F("/a/only", "1\\n"), "go;", NULL },
	{ "a mirror can be subscribed to",
	  "'directory:/a': {'source': 'files/one'}, 'exec:go': {'command': "
	  "['go'], 'refreshonly': true, 'subscribe': 'directory:/a'}",
	  F("/a/only", "old"), F("/a/only", "1\\n"), "go;", NULL },
	{ "what needs a mirror comes after all of it",
	  "'directory:/a': {'source': 'files/app'}, 'exec:make': {'command': "
	  "['make'], 'creates': '/a/etc/made', 'require': 'directory:/a'}",
	  "",
	  FM("/a/bin/run", "#!/bin/sh\\n", "0755") "," F(
		  "/a/etc/app.conf",
		  "wo"
		  "rk"
		  "er"
		  "s "
		  "= "
		  "4"
		  "\\"
		  "n") "," F("/a/etc/extra/more.conf",
			     "more = yes\\n") "," L("/a/current",
						    "etc/app.conf") "," FM("/a/"
									   "etc"
									   "/ma"
									   "de",
									   "",
									   "060"
									   "0"),
	  "make;", NULL },

	/* manifests */
	{ "one for each",
	  "'file:/${each.key}': {'for_each': {'a': 1, 'b': 2}, 'content': "
	  "'${each.value}.', 'notify': 'exec:go'}, " ON_NOTICE("go"),
	  "", F("/a", "1.") "," F("/b", "2."), "go;", NULL },
	{ "when it holds",
	  "'file:/a': {'when': {'facts.os.id': 'debian'}}, 'file:/b': "
	  "{'when': {'facts.os.id': 'fedora'}}",
	  "", F("/a", ""), "", NULL },
	{ "overrides win",
	  "{'version': 1, 'resources': {'file:/a': {'content': '1', 'mode': "
	  "'0644'}}, 'overrides': {'file:/a': {'mode': '0600'}}}",
	  "", FM("/a", "1", "0600"), "", NULL },
	{ "noop is withheld, and what needs it waits",
	  "'file:/a': {'content': '1', 'noop': true, 'notify': 'exec:go'}, "
	  "'file:/b': {'require': 'file:/a'}, 'file:/c': {}, " ON_NOTICE("go"),
	  "", F("/c", ""), "",
	  "= file:/a (withheld: noop)\n"
	  "= file:/b (withheld: it waits for file:/a)" },
	{ "stated order against the order of the manifest",
	  "'file:/c': {'require': 'file:/b'}, 'file:/b': {'require': "
	  "'file:/a'}, 'file:/a': {'notify': 'exec:go'}, " ON_NOTICE("go"),
	  "", F("/a", "") "," F("/b", "") "," F("/c", ""), "go;", NULL },
	{ "a folder, its files, a link and their service",
	  "'directory:/etc/app': {}, 'file:/etc/app/a.conf': {'content': '1', "
	  "'notify': 'exec:go'}, 'file:/etc/app/b.conf': {'content': '2', "
	  "'notify': 'exec:go'}, 'link:/etc/app/on': {'target': 'a.conf', "
	  "'notify': 'exec:go'}, 'file:/etc/app/old': {'ensure': 'absent', "
	  "'notify': 'exec:go'}, " ON_NOTICE("go"),
	  F("/etc/app/old", "x") "," F("/etc/app/b.conf", "0"),
	  F("/etc/app/a.conf", "1") "," F("/etc/app/b.conf",
					  "2") "," L("/etc/app/on", "a.conf"),
	  "go;", NULL },
};

/* --- one run --- */

enum { WRITES_MAX = 256 };

struct run {
	struct fixture f;
	struct watched *host;
	struct applied applied;
	struct strings runs; /* commands that succeeded */
	size_t told, in_order;
	unsigned stop_after; /* questions whether to stop; 0: never */
};

static const struct law *law;

static char *dump(json_t *taken)
{
	char *text = json_dumps(taken, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(taken);
	return text;
}

/* Events come in the order of the plan, each with its verdict; what was found
 * since comes between them. */
static void event(void *context, const struct change *c, enum verdict verdict,
		  const char *text)
{
	struct run *r = context;

	(void)text;
	ck_assert_ptr_eq(r->applied.v[c->index], c);
	if (c->index < r->f.plan.n)
		ck_assert_uint_eq(c->index, r->in_order++);
	ck_assert_int_eq(r->applied.verdicts[c->index], verdict);
	r->told++;
}

static bool stopped(void *context)
{
	struct run *r = context;

	return r->stop_after && --r->stop_after == 0;
}

/* A plan on this state, with what the book says is owed. The state, which is
 * a snapshot, is borrowed. */
static void begin(struct run *r, struct book *b, const json_t *state)
{
	struct owed owed[BOOK_DEBTS];
	struct plan_options o = { .owed = owed,
				  .nowed = book_owed(b, owed),
				  .max_disruption = -1 };
	struct fixture *f = &r->f;
	struct plan again;
	char *before, *after, *first, *second;

	*r = (struct run){ 0 };
	ck_assert_msg(fixture_graph(f, law->manifest), "%s: %s", law->name,
		      fixture_said(f));
	f->snapshot = json_deep_copy(state);
	f->host = host_snapshot(f->snapshot, &f->diags);
	ck_assert_msg(f->host != NULL, "%s: %s", law->name, fixture_said(f));
	before = dump(host_snapshot_json(f->host));
	fixture_plan(f, &o);
	first = dump(report_plan(&f->plan));
	ck_assert(plan_build(&again, &f->graph, f->host, &o, &f->diags));
	second = dump(report_plan(&again));
	ck_assert_str_eq(first, second);
	after = dump(host_snapshot_json(f->host));
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	free(first);
	free(second);
	r->host = watched_new(f->host, b);
	r->host->brings = brings;
}

static void end(struct run *r)
{
	host_close(&r->host->host);
	fixture_release(&r->f);
}

static bool is_write(const char *line)
{
	static const char *const writes[] = { "replace ", "mkdir ",  "symlink ",
					      "perms ",   "remove ", "run ",
					      "package " };

	for (size_t i = 0; i < COUNT(writes); i++)
		if (strncmp(line, writes[i], strlen(writes[i])) == 0)
			return true;
	return false;
}

/* Whatever is owed is on disk before the write that owes it, and nothing is
 * paid before its command has run. */
static void check_ledger(const struct run *r, const struct book *b)
{
	bool unsynced = false;

	for (size_t i = 0; i < b->log.n; i++) {
		const char *line = b->log.v[i];

		if (strncmp(line, "owe ", 4) == 0)
			unsynced = true;
		if (strcmp(line, "sync") == 0)
			unsynced = false;
		ck_assert_msg(!unsynced || !is_write(line),
			      "%s: '%s' before what it owes is on disk",
			      law->name, line);
		if (strncmp(line, "paid exec:", 10) == 0)
			ck_assert_msg(strings_have(&r->runs, line + 10),
				      "%s: '%s' before it ran", law->name,
				      line);
	}
}

static size_t index_of(const struct run *r, const struct change *c)
{
	return plan_index(&r->f.graph, c->res);
}

static bool has_verdict(const struct run *r, size_t index, enum verdict verdict)
{
	for (size_t i = 0; i < r->applied.n; i++)
		if (index_of(r, r->applied.v[i]) == index &&
		    r->applied.verdicts[i] == verdict)
			return true;
	return false;
}

/* It, or something that it stands for, has changed. */
static bool has_changed(const struct run *r, size_t index)
{
	for (size_t i = 0; i < r->applied.n; i++)
		if (index_of(r, r->applied.v[i]) == index &&
		    !r->applied.v[i]->refresh &&
		    r->applied.verdicts[i] == VERDICT_DONE)
			return true;
	return false;
}

/* Nothing is done after what it needs has failed. */
static void check_dependants(const struct run *r)
{
	const struct graph *g = r->f.plan.graph;

	for (size_t e = 0; e < g->n; e++) {
		const struct edge *edge = &g->edges[e];

		if (has_verdict(r, edge->from, VERDICT_FAILED) ||
		    has_verdict(r, edge->from, VERDICT_SKIPPED))
			ck_assert_msg(!has_verdict(r, edge->to, VERDICT_DONE),
				      "%s: %s was done, but it needs %s",
				      law->name, g->catalog->v[edge->to]->id,
				      g->catalog->v[edge->from]->id);
	}
}

/* What was done and notified somebody who has not run is still owed. */
static void check_debts(const struct run *r, const struct book *b)
{
	const struct graph *g = &r->f.graph;

	for (size_t e = 0; e < g->n; e++) {
		const char *to = g->catalog->v[g->edges[e].to]->id;

		if (!g->edges[e].notifies ||
		    !has_changed(r, g->edges[e].from) ||
		    has_verdict(r, g->edges[e].to, VERDICT_DONE))
			continue;
		ck_assert_msg(book_owes(b, to), "%s: %s is not owed", law->name,
			      to);
	}
}

/* A refresh is the last thing that happens. */
static void check_refreshes(const struct run *r)
{
	bool refreshing = false;

	for (size_t i = 0; i < r->f.plan.n; i++) {
		const struct change *c = r->f.plan.v[i];
		bool caused = c->owed != NULL;

		ck_assert(!refreshing || c->refresh);
		refreshing = c->refresh;
		if (!refreshing || r->applied.verdicts[i] != VERDICT_DONE)
			continue;
		for (size_t j = 0; j < c->ncauses; j++)
			caused |=
				c->causes[j]->below
					? has_changed(r,
						      index_of(r, c->causes[j]))
					: r->applied.verdicts
							  [c->causes[j]
								   ->index] ==
						  VERDICT_DONE;
		ck_assert_msg(caused, "%s: %s without a cause", law->name,
			      c->res->id);
	}
}

static void check_run(const struct run *r, const struct book *b)
{
	if (r->host->failed)
		ck_assert_msg(r->applied.verdicts[r->host->failed_mark] !=
				      VERDICT_DONE,
			      "%s: %s is not done", law->name,
			      r->applied.v[r->host->failed_mark]->res->id);
	ck_assert_uint_eq(r->told, r->applied.n);
	ck_assert_uint_eq(r->in_order, r->f.plan.n);
	check_ledger(r, b);
	check_dependants(r);
	check_debts(r, b);
	check_refreshes(r);
}

/* The commands that ran. */
static void collect_runs(struct run *r, const struct book *b)
{
	size_t write = 0;

	for (size_t i = 0; i < b->log.n; i++) {
		const struct watched *w = r->host;
		bool faulted;

		if (!is_write(b->log.v[i]))
			continue;
		write++;
		faulted = w->fault_lasts ? w->fault_at && write >= w->fault_at
					 : write == w->fault_at;
		faulted &= w->fault == FAULT_REFUSED;
		if (!faulted && strncmp(b->log.v[i], "run ", 4) == 0)
			strings_add(&r->runs, &r->f.diags.arena,
				    b->log.v[i] + 4);
	}
}

static void apply(struct run *r, struct book *b)
{
	struct apply_options o = { .ledger = book_ledger(b),
				   .event = event,
				   .context = r,
				   .stopped = stopped };
	bool ok = apply_plan(&r->applied, &r->f.plan, &r->host->host, &o,
			     &r->f.diags);

	collect_runs(r, b);
	if (b->killed)
		return;
	ck_assert_msg(ok, "%s: %s", law->name, fixture_said(&r->f));
	check_run(r, b);
}

/* --- what is expected --- */

static json_t *state_before(void)
{
	json_t *json, *state;
	struct host *h = fixture_host(law->before, &json);

	state = host_snapshot_json(h);
	host_close(h);
	json_decref(json);
	return state;
}

static void check_state(const json_t *state, const char *when)
{
	json_t *json, *expected;
	struct host *h = fixture_host(law->after, &json);
	char *want, *have;

	expected = host_snapshot_json(h);
	want = json_dumps(json_object_get(expected, "files"),
			  JSON_INDENT(1) | JSON_SORT_KEYS);
	have = json_dumps(json_object_get(state, "files"),
			  JSON_INDENT(1) | JSON_SORT_KEYS);
	ck_assert_msg(strcmp(want, have) == 0, "%s, %s: %s\nnot\n%s", law->name,
		      when, have, want);
	free(want);
	free(have);
	json_decref(expected);
	host_close(h);
	json_decref(json);
}

static const char *joined(const struct strings *runs, struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < runs->n; i++)
		buf_printf(&b, "%s;", runs->v[i]);
	return arena_strdup(a, buf_text(&b));
}

static size_t count_in(const char *list, const char *name)
{
	size_t n = 0, size = strlen(name);

	for (const char *at = list; *at; at += strcspn(at, ";") + 1)
		n += strncmp(at, name, size) == 0 && at[size] == ';';
	return n;
}

/* Each command of the law ran from once to once and slack times. */
static void check_counts(const char *ran, size_t slack, const char *when)
{
	AUTO(arena_release) struct arena a = { 0 };

	for (const char *at = law->ran; *at; at += strcspn(at, ";") + 1) {
		const char *name = arena_strndup(&a, at, strcspn(at, ";"));
		size_t want = count_in(law->ran, name),
		       have = count_in(ran, name);

		ck_assert_msg(have >= want && have <= want + slack,
			      "%s, %s: ran %s, not %s", law->name, when, ran,
			      law->ran);
	}
	for (const char *at = ran; *at; at += strcspn(at, ";") + 1) {
		const char *name = arena_strndup(&a, at, strcspn(at, ";"));

		ck_assert_msg(count_in(law->ran, name) > 0,
			      "%s, %s: ran %s, not %s", law->name, when, ran,
			      law->ran);
	}
}

/* There is nothing left to do, and nothing owed. */
static void check_rest(const json_t *state, struct book *b, const char *when)
{
	struct run r;
	const char *shown;

	book_begin(b);
	ck_assert_msg(b->now.n == 0, "%s, %s: %s is still owed", law->name,
		      when, b->now.n ? b->now.v[0].target : "");
	begin(&r, b, state);
	shown = fixture_shown(&r.f);
	ck_assert_msg(strcmp(shown, law->rest ? law->rest : "") == 0,
		      "%s, %s: a second plan shows\n%s", law->name, when,
		      shown);
	apply(&r, b);
	ck_assert_uint_eq(r.host->writes, 0);
	end(&r);
}

/* --- the laws --- */

struct counts {
	size_t writes, steps, plan;
};

/* A run on state, which becomes what it makes of it; what ran is added. */
static void step(json_t **state, struct book *b, struct buf *ran,
		 const struct watched *faults, unsigned stop_after,
		 struct counts *counts)
{
	struct run r;

	begin(&r, b, *state);
	if (faults) {
		r.host->fault = faults->fault;
		r.host->fault_at = faults->fault_at;
		r.host->fault_lasts = faults->fault_lasts;
	}
	r.stop_after = stop_after;
	apply(&r, b);
	for (size_t i = 0; i < r.runs.n; i++)
		buf_printf(ran, "%s;", r.runs.v[i]);
	if (counts)
		*counts = (struct counts){ r.host->writes, b->steps,
					   r.applied.n };
	json_decref(*state);
	*state = host_snapshot_json(r.f.host);
	end(&r);
}

static void check_verdicts(const struct run *r)
{
	size_t counts[ACTION_UNKNOWN + 1] = { 0 };
	bool unsure = false;

	for (size_t i = 0; i < r->f.plan.n; i++) {
		const struct change *c = r->f.plan.v[i];
		enum verdict v = r->applied.verdicts[i];

		ck_assert_msg(!c->failed && !c->skipped, "%s: %s", law->name,
			      c->failed ? c->failed : c->skipped);
		unsure |= c->action == ACTION_UNKNOWN;
		counts[c->action] += !c->withheld;
		counts[ACTION_REMOVE] += c->withheld ? 0 : c->takes;
		if (c->withheld)
			ck_assert_int_eq(v, VERDICT_WITHHELD);
		else if (v != VERDICT_DONE)
			ck_assert_msg(c->action == ACTION_UNKNOWN &&
					      v == VERDICT_UNCHANGED,
				      "%s: %s is %s", law->name, c->res->id,
				      verdict_name(v));
	}
	for (size_t i = 0; !unsure && i <= ACTION_UNKNOWN; i++)
		ck_assert_uint_eq(r->applied.done[i], counts[i]);
}

/* Nothing goes wrong. */
static struct counts undisturbed(void)
{
	json_t *state = state_before();
	struct book b = { 0 };
	struct counts counts;
	struct run r;
	const char *ran;

	book_begin(&b);
	begin(&r, &b, state);
	apply(&r, &b);
	check_verdicts(&r);
	ran = joined(&r.runs, &r.f.diags.arena);
	ck_assert_msg(strcmp(ran, law->ran) == 0, "%s: ran %s, not %s",
		      law->name, ran, law->ran);
	counts = (struct counts){ r.host->writes, b.steps, r.applied.n };
	json_decref(state);
	state = host_snapshot_json(r.f.host);
	end(&r);
	check_state(state, "undisturbed");
	check_rest(state, &b, "undisturbed");
	json_decref(state);
	arena_release(&b.arena);
	return counts;
}

/* A run that is disturbed, and one that is not. */
static void disturbed(const struct watched *faults, size_t kill_at,
		      unsigned stop_after, size_t slack, const char *when)
{
	json_t *state = state_before();
	AUTO_BUF struct buf ran = { 0 };
	struct book b = { 0 };

	book_begin(&b);
	b.kill_at = kill_at;
	step(&state, &b, &ran, faults, stop_after, NULL);
	book_begin(&b);
	step(&state, &b, &ran, NULL, 0, NULL);
	check_state(state, when);
	check_counts(buf_text(&ran), slack, when);
	check_rest(state, &b, when);
	json_decref(state);
	arena_release(&b.arena);
}

START_TEST(after_apply_a_second_plan_is_empty)
{
	ck_assert_uint_ge(COUNT(laws), 60);
	for (law = laws; law < laws + COUNT(laws); law++)
		undisturbed();
}
END_TEST

START_TEST(when_one_write_fails_the_next_run_gets_there)
{
	for (law = laws; law < laws + COUNT(laws); law++) {
		size_t writes = undisturbed().writes;

		for (size_t n = 1; n <= writes; n++)
			disturbed(&(struct watched){ .fault = FAULT_REFUSED,
						     .fault_at = n },
				  0, 0, 0, "one write refused");
	}
}
END_TEST

START_TEST(when_all_writes_fail_from_one_on_the_next_run_gets_there)
{
	for (law = laws; law < laws + COUNT(laws); law++) {
		size_t writes = undisturbed().writes;

		for (size_t n = 1; n <= writes; n++)
			disturbed(&(struct watched){ .fault = FAULT_REFUSED,
						     .fault_at = n,
						     .fault_lasts = true },
				  0, 0, 0, "writes refused");
	}
}
END_TEST

/* The disk says that it failed, and has it all the same: then a command may
 * run once more, but what was owed is not forgotten. */
START_TEST(a_write_that_failed_late_loses_no_refresh)
{
	for (law = laws; law < laws + COUNT(laws); law++) {
		size_t writes = undisturbed().writes;

		for (size_t n = 1; n <= writes; n++)
			disturbed(&(struct watched){ .fault = FAULT_LATE,
						     .fault_at = n },
				  0, 0, 1, "a write failed late");
	}
}
END_TEST

/* A command that ran, and whose run was not written down, runs again. */
START_TEST(wherever_it_is_killed_the_next_run_gets_there)
{
	for (law = laws; law < laws + COUNT(laws); law++) {
		size_t steps = undisturbed().steps;

		for (size_t n = 1; n <= steps; n++)
			disturbed(NULL, n, 0, 1, "killed");
	}
}
END_TEST

START_TEST(wherever_it_is_stopped_the_next_run_gets_there)
{
	for (law = laws; law < laws + COUNT(laws); law++) {
		size_t changes = undisturbed().plan;

		for (unsigned n = 1; n <= changes + 1; n++)
			disturbed(NULL, 0, n, 0, "stopped");
	}
}
END_TEST

/* Two bad runs in a row are no worse than one. */
START_TEST(two_faults_in_a_row_lose_nothing)
{
	for (law = laws; law < laws + COUNT(laws); law++) {
		size_t writes = undisturbed().writes;

		for (size_t n = 1; n <= writes; n++) {
			struct watched first = { .fault = FAULT_REFUSED,
						 .fault_at = n,
						 .fault_lasts = true };
			struct watched second = { .fault = FAULT_REFUSED,
						  .fault_at = 1 };
			json_t *state = state_before();
			AUTO_BUF struct buf ran = { 0 };
			struct book b = { 0 };

			book_begin(&b);
			step(&state, &b, &ran, &first, 0, NULL);
			book_begin(&b);
			step(&state, &b, &ran, &second, 0, NULL);
			book_begin(&b);
			step(&state, &b, &ran, NULL, 0, NULL);
			check_state(state, "two faults");
			check_counts(buf_text(&ran), 0, "two faults");
			check_rest(state, &b, "two faults");
			json_decref(state);
			arena_release(&b.arena);
		}
	}
}
END_TEST

TEST_SUITE("law", after_apply_a_second_plan_is_empty,
	   when_one_write_fails_the_next_run_gets_there,
	   when_all_writes_fail_from_one_on_the_next_run_gets_there,
	   a_write_that_failed_late_loses_no_refresh,
	   wherever_it_is_killed_the_next_run_gets_there,
	   wherever_it_is_stopped_the_next_run_gets_there,
	   two_faults_in_a_row_lose_nothing)
