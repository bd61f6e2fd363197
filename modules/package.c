/* SPDX-License-Identifier: MIT */
/* package: what the package manager of the host installs. */
#include <string.h>

#include "lib/module.h"

enum { APT, DNF };
enum { NAME_LENGTH = 200, VERSION_LENGTH = 200 };

struct package_record {
	struct record r;
	const char *name;
	const char *ensure;
	int state;
	const char *version;
	bool hold;
	int provider;
	struct strings options;
	struct package package; /* in have: what the host says */
	const char *newest;     /* in have: what latest would install */
};

enum row { NAME, ENSURE, STATE, VERSION, HOLD, PROVIDER, OPTIONS, ROWS };

/* As enum package_state; the first is what is wanted. */
static const char *const states[] = {
	"installed",        "absent",           "config-files",
	"half-installed",   "unpacked",         "half-configured",
	"triggers-awaited", "triggers-pending", NULL
};
enum { INSTALLED, ABSENT };

static const char *const providers[] = { "apt", "dnf", NULL };

#define AT(member) offsetof(struct package_record, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "Its name; one of another architecture is "
			  "\"libc6:i386\"." },
	[ENSURE] = { .name = "ensure",
		     .kind = &kind_text,
		     .offset = AT(ensure),
		     .fallback = "\"present\"",
		     .doc = "\"present\", \"absent\" (its configuration "
			    "stays), \"purged\" (that goes too), \"latest\", "
			    "or a version as the package manager spells it, "
			    "to which it is moved up or down." },
	[STATE] = { .name = "state",
		    .kind = &kind_choice,
		    .flags = ATTR_STATE | ATTR_ENSURE | ATTR_INTERNAL,
		    .offset = AT(state),
		    .choices = states,
		    .fallback = "\"installed\"",
		    .doc = "What is there of it." },
	[VERSION] = { .name = "version",
		      .kind = &kind_text,
		      .flags = ATTR_STATE | ATTR_INTERNAL,
		      .offset = AT(version),
		      .doc = "The version that is installed." },
	[HOLD] = { .name = "hold",
		   .kind = &kind_bool,
		   .flags = ATTR_STATE,
		   .offset = AT(hold),
		   .doc = "Whether upgrades leave it as it is; only what "
			  "'ensure' says moves it then." },
	[PROVIDER] = { .name = "provider",
		       .kind = &kind_choice,
		       .flags = ATTR_MANNER,
		       .offset = AT(provider),
		       .choices = providers,
		       .doc = "The package manager; the one whose database "
			      "the host has." },
	[OPTIONS] = { .name = "install_options",
		      .kind = &kind_texts,
		      .flags = ATTR_MANNER,
		      .offset = AT(options),
		      .no_secret =
			      "all users can see arguments (ps(1)): put it "
			      "into a file that the package manager reads",
		      .doc = "Options for the package manager, such as "
			     "\"--no-install-recommends\"; what would let it "
			     "run commands or skip its checks is refused." },
};

static const char letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* One of these first, then any of them and of others. */
static bool is_word(const char *text, const char *first, const char *others,
		    size_t max)
{
	size_t n = strlen(text);

	if (!n || n > max || !strchr(first, text[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr(letters, text[i]) && !strchr(others, text[i]))
			return false;
	return true;
}

/* Of any package manager; each has narrower rules of its own. */
static bool check_name(const struct package_record *want, struct diags *d)
{
	if (is_word(want->name, letters, "+-._:", NAME_LENGTH))
		return true;
	return diag_error(d, "'name' must be a package's name: letters, digits "
			     "and +-._ only, a letter or digit first");
}

static bool is_version(const char *text)
{
	return strpbrk(text, "0123456789") &&
	       is_word(text, letters, ".+~:^_-", VERSION_LENGTH);
}

static bool check_ensure(struct package_record *want, struct arena *a,
			 struct diags *d)
{
	static const char *const words[] = { "present", "absent", "latest",
					     "purged" };
	struct strings known = { 0 };
	const char *near;

	for (size_t i = 0; i < COUNT(words); i++) {
		strings_add(&known, a, words[i]);
		if (strcmp(want->ensure, words[i]) != 0)
			continue;
		if (i == 1 || i == 3)
			want->state = ABSENT;
		else if (i == 2)
			want->version = want->ensure;
		want->r.set |= i == 2 ? BIT(VERSION) : 0;
		return true;
	}
	if (is_version(want->ensure)) {
		want->version = want->ensure;
		want->r.set |= BIT(VERSION);
		return true;
	}
	diag_error(d,
		   "'ensure' must be present, absent, latest, purged or a "
		   "version, not '%s'",
		   want->ensure);
	near = strings_nearest(want->ensure, &known);
	if (near)
		diag_hint(d, "did you mean '%s'?", near);
	return false;
}

/* Long options may be cut short where that is clear (dnf(8)). */
static bool is_option(const char *text, const char *option)
{
	size_t n = strcspn(text, "=");

	return n > 3 && strncmp(text, option, n) == 0;
}

/* What makes a package manager run something, or trust anybody. */
static const char *wrong_option(const char *text)
{
	static const char *const refused[] = {
		"--force-yes",   "--allow-unauthenticated",
		"--nogpgcheck",  "--no-gpgchecks",
		"--setopt",      "--config",
		"--config-file", "--allow-insecure-repositories",
		"--option",
	};

	if (text[0] != '-' || !text[1] || strcmp(text, "--") == 0)
		return "must begin with '-'";
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return "has a control character";
	for (size_t i = 0; i < COUNT(refused); i++)
		if (is_option(text, refused[i]))
			return "is refused";
	/* apt-get(8): configuration, which may hold commands. Letters may be
	 * joined, and have a value joined to them, so one at a time. */
	if (text[1] != '-' && (strpbrk(text, "oc") || text[2]))
		return "is refused: write long options";
	return NULL;
}

static bool check_options(const struct package_record *want, struct diags *d)
{
	for (size_t i = 0; i < want->options.n; i++) {
		const char *option = want->options.v[i];
		const char *wrong = wrong_option(option);

		if (wrong)
			return diag_error(d, "'install_options': '%s' %s",
					  option, wrong);
	}
	return true;
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct package_record *want = record;

	if (!check_name(want, d) || !check_ensure(want, a, d) ||
	    !check_options(want, d))
		return false;
	if (want->state == ABSENT && (want->r.written & BIT(HOLD)))
		return diag_error(d, "'hold' has no meaning with 'ensure' "
				     "\"absent\" or \"purged\"");
	return true;
}

static void edges(const void *record, struct edges *e)
{
	(void)record;
	edges_after_type(e, "apt_repository", "its repositories");
}

static bool is_purged(const struct package_record *want)
{
	return strcmp(want->ensure, "purged") == 0;
}

static bool wants_newest(const struct package_record *want)
{
	return strcmp(want->ensure, "latest") == 0;
}

static const char *provider_of(const struct package_record *want)
{
	return want->r.set & BIT(PROVIDER) ? providers[want->provider] : NULL;
}

/* What is left of the configuration counts only for who wants it gone. */
static int state_of(const struct package_record *want, enum package_state state)
{
	const char *name = package_state_name(state);
	int i = 0;

	if (state == PACKAGE_CONFIG_FILES && !is_purged(want))
		return ABSENT;
	while (states[i] && strcmp(states[i], name) != 0)
		i++;
	return states[i] ? i : ABSENT;
}

static bool observe_newest(const struct host *h,
			   const struct package_record *want,
			   struct package_record *have, struct arena *a,
			   struct diags *d)
{
	const char *because = NULL;

	if (!host_package_candidate(h, provider_of(want), want->name, a,
				    &have->newest, &because, d))
		return false;
	if (!have->newest)
		record_unknown(&have->r, VERSION, because);
	else if (strcmp(have->newest, have->version) == 0)
		have->version = want->version;
	return true;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct package_record *want = want_record;
	struct package_record *have = have_record;
	struct package *p = &have->package;

	if (!host_package(h, provider_of(want), want->name, a, p, d))
		return false;
	have->r.set = BIT(STATE);
	have->state = state_of(want, p->state);
	if (p->state == PACKAGE_UNKNOWN) {
		for (unsigned i = STATE; i <= HOLD; i++)
			record_unknown(&have->r, i, p->because);
		return true;
	}
	if (have->state == ABSENT || p->state == PACKAGE_CONFIG_FILES)
		return true;
	have->r.set |= BIT(HOLD);
	have->hold = p->hold;
	if (p->version) {
		have->r.set |= BIT(VERSION);
		have->version = p->version;
	} else if (want->r.set & BIT(VERSION)) {
		record_unknown(&have->r, VERSION, p->because);
		return true;
	}
	if (wants_newest(want) && want->state == INSTALLED)
		return observe_newest(h, want, have, a, d);
	return true;
}

/* Nobody moves by the way what somebody else has put on hold. */
static bool may_move(const struct package_record *want,
		     const struct package_record *have, struct diags *d)
{
	if (!have->hold || (want->r.set & BIT(HOLD)))
		return true;
	diag_error(d, "'%s' is on hold%s%s", want->name,
		   have->package.version ? " at " : "",
		   have->package.version ? have->package.version : "");
	diag_hint(d, "give 'hold': false to let go of it, true to move it all "
		     "the same");
	return false;
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct package_record *want = step->want, *have = step->have;
	struct package_change c = { .name = want->name,
				    .provider = provider_of(want),
				    .options = &want->options };

	(void)a;
	if (want->state == ABSENT)
		c.wish = is_purged(want) ? PACKAGE_PURGE : PACKAGE_REMOVE;
	else if (step->differ & (BIT(STATE) | BIT(VERSION)))
		c.wish = PACKAGE_INSTALL;
	if (c.wish == PACKAGE_INSTALL && (want->r.set & BIT(VERSION))) {
		c.newest = wants_newest(want);
		c.version = c.newest ? NULL : want->version;
	}
	c.set_hold = (want->r.set & BIT(HOLD)) && want->state == INSTALLED;
	c.hold = want->hold;
	if (c.wish != PACKAGE_KEEP && have->state != ABSENT &&
	    !(want->state == INSTALLED && !(step->differ & BIT(VERSION))) &&
	    !may_move(want, have, d))
		return false;
	return host_package_change(h, &c, d);
}

static enum disruption disruption(const struct step *step)
{
	const struct package_record *want = step->want;

	if (want->state == ABSENT)
		return is_purged(want) ? DISRUPTION_DATA : DISRUPTION_RESTART;
	if (step->action == ACTION_CREATE ||
	    !(step->differ & (BIT(STATE) | BIT(VERSION))))
		return DISRUPTION_NONE;
	return DISRUPTION_RESTART;
}

/* A hold is not of the files of a package. */
static bool delivers(const struct step *step)
{
	return step->action != ACTION_REMOVE &&
	       (step->differ & (BIT(STATE) | BIT(VERSION)));
}

/* Nobody promises that the repository has what was there before, nor what the
 * scripts of a package do. */
static bool undoable(const struct step *step)
{
	return disruption(step) == DISRUPTION_NONE;
}

static const char *because(const struct step *step, struct arena *a)
{
	const struct package_record *want = step->want, *have = step->have;

	if (step->action == ACTION_CREATE && want->version &&
	    !wants_newest(want))
		return arena_printf(a, "version %s", want->version);
	if (have->newest && (step->differ & BIT(VERSION)))
		return arena_printf(a, "%s is there", have->newest);
	return NULL;
}

const struct module package_module = {
	.name = "package",
	.summary = "A package of the host's package manager. All that the "
		   "order allows are changed in one transaction.",
	.example = "\"package:nginx\": {},\n"
		   "\"package:postgresql-15\": {\n"
		   "  \"ensure\": \"15.8-0+deb12u1\",\n"
		   "  \"hold\": true\n"
		   "},\n"
		   "\"package:telnet\": {\n"
		   "  \"ensure\": \"purged\"\n"
		   "}\n",
	.size = sizeof(struct package_record),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.disruption = disruption,
	.undoable = undoable,
	.because = because,
	.batched = true,
	.brings = true,
	.delivers = delivers,
	.early = true,
};
