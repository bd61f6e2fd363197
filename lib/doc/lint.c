/* SPDX-License-Identifier: MIT */
/* The rules of lint as text for a terminal, and as a manual page. */
#include <string.h>

#include "lib/doc/doc.h"

enum { ID_WIDTH = 26, LEVEL_WIDTH = 9 };

void doc_list_rules(struct buf *b)
{
	for (size_t i = 0; i < lint_rules_n; i++) {
		const struct lint_rule *rule = &lint_rules[i];

		buf_printf(b, "%-*s%-*s", ID_WIDTH, rule->id, LEVEL_WIDTH,
			   lint_level_name(rule->level));
		doc_wrap(rule->summary, ID_WIDTH + LEVEL_WIDTH,
			 ID_WIDTH + LEVEL_WIDTH, b);
	}
	buf_puts(b, "\nsee converge help RULE, converge-lint(7)\n");
}

void doc_describe_rule(const struct lint_rule *rule, struct buf *b)
{
	buf_printf(b, "%s - ", rule->id);
	doc_wrap(rule->summary, strlen(rule->id) + 3, 0, b);
	buf_putc(b, '\n');
	doc_wrap(rule->reason, 0, 0, b);
	buf_printf(b, "\nlevel: %s\n", lint_level_name(rule->level));
	buf_puts(b, "\nsee converge-lint(7)\n");
}

static const char head[] =
	".\\\" Made by: converge help lint --mdoc\n"
	".Dd November 28, 2026\n.Dt CONVERGE-LINT 7\n.Os\n"
	".Sh NAME\n.Nm converge-lint\n"
	".Nd what is valid in a world, and likely to bite\n"
	".Sh DESCRIPTION\n"
	"Beside errors\n.Ic converge check\n"
	"tells what a host can be converged with, and what has hurt others "
	"all\nthe same.\n"
	"Each such finding is of a rule, whose id stands in brackets behind "
	"it.\n"
	"Of what several hosts have from one place it is told once, and of "
	"what\nis made by\n.Cm for_each\nthe same.\n"
	"A host with errors is left alone by all rules, and a world with any "
	"error\nby those that say that nothing names something, or that it is "
	"not there.\nAn error of a test counts for nothing else.\n"
	".Pp\n"
	"A finding is an error, a warning or info.\n"
	"With an error\n.Ic check\nexits with 1, with a warning alone with "
	"2;\ninfo does not change its exit status.\n"
	".Ss Levels\n"
	"The key\n.Cm lint\nof\n.Pa converge.json ,\n"
	"or of a manifest outside of a world, says for all of it how bad what "
	"a\nrule finds is:\n"
	".Bd -literal -offset indent\n"
	"\\(dqlint\\(dq: {\n"
	"  \\(dqundescribed\\-role\\(dq: \\(dqoff\\(dq,\n"
	"  \\(dqplain\\-credential\\(dq: \\(dqerror\\(dq\n"
	"}\n"
	".Ed\n"
	".Pp\n"
	"It is one of\n.Cm off , info , warning\nand\n.Cm error .\n"
	".Ss Comments\n"
	"A comment beside what is found allows it there, and has to say why:\n"
	".Bd -literal -offset indent\n"
	"\\(dqexec:rehash\\(dq: {\n"
	"  \\(dq//\\(dq: \\(dqlint: allow exec\\-without\\-guard: "
	"it is quick\\(dq,\n"
	"  \\(dqcommand\\(dq: [\\(dqrehash\\(dq]\n"
	"}\n"
	".Ed\n"
	".Pp\n"
	"It is for the object that it stands in, and for all in that: at the "
	"top\nof a file for the whole file.\n"
	"Several comments are a list of strings.\n"
	"For a file that is no manifest it says which, and stands anywhere:\n"
	".Dq lint: allow unused-file in files/logo.svg: for the wiki .\n"
	"What allows nothing is a finding itself.\n"
	".Ss Fingerprints\n"
	"Every finding has a fingerprint, by which a review system knows it "
	"again.\n"
	"It is made of the rule, the file, and where in the document the "
	"finding is:\nthe resource and the attribute, not the line.\n"
	".Sh RULES\n"
	"The same is printed by\n.Ic converge help lint\n"
	"and\n.Ic converge help Ar RULE .\n";

void doc_lint_mdoc(struct buf *b)
{
	buf_puts(b, head);
	buf_puts(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < lint_rules_n; i++) {
		const struct lint_rule *rule = &lint_rules[i];

		buf_printf(b, ".It Cm %s Pq %s\n", rule->id,
			   lint_level_name(rule->level));
		doc_mdoc_text(rule->summary, b);
		buf_puts(b, ".Pp\n");
		doc_mdoc_text(rule->reason, b);
	}
	buf_puts(b, ".El\n"
		    ".Sh SEE ALSO\n.Xr converge 1 ,\n"
		    ".Xr converge-world 5 ,\n.Xr converge.json 5\n");
}
