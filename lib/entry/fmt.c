/* SPDX-License-Identifier: MIT */
/*
 * The fmt command. All is read and laid out before anything is written: where
 * something is wrong, nothing is.
 */
#include <string.h>

#include "lib/base/map.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/converge.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/source/rewrite.h"
#include "lib/review/fmt.h"
#include "lib/text/difftext.h"
#include "lib/text/escape.h"

/* A document that is not in its canonical layout. */
struct different {
	const char *folder, *path; /* absolute, and below it */
	const char *shown;
	struct tree_stamp stamp;
	struct buf old, new;
	bool rewritten;
};

struct formatting {
	const struct converge_options *options;
	struct arena arena;
	struct diags diags;
	struct different *v;
	size_t n, capacity;
	size_t files;
	struct map seen; /* files, however they are named */
};

/* --- one document --- */

static bool is_told(const struct formatting *f)
{
	return f->options->check || f->options->diff;
}

/* Takes over the text. */
static void format(struct formatting *f, struct different *file,
		   struct buf *text)
{
	struct source source = { .name = file->shown,
				 .text = buf_text(text),
				 .size = text->size };

	f->files++;
	file->old = *text;
	*text = (struct buf){ 0 };
	file->new = (struct buf){ 0 };
	if (fmt_text(&source, &file->new, &f->diags) &&
	    (file->new.size != file->old.size ||
	     memcmp(file->new.text, file->old.text, file->new.size) != 0)) {
		f->v = arena_grow(&f->arena, f->v, f->n, &f->capacity,
				  sizeof(*f->v));
		f->v[f->n++] = *file;
	} else {
		buf_release(&file->new);
		buf_release(&file->old);
	}
	source_release(&source);
}

static bool is_new(struct formatting *f, const struct different *file)
{
	const char *key = arena_printf(&f->arena, "%llx:%llx:%s",
				       (unsigned long long)file->stamp.device,
				       (unsigned long long)file->stamp.inode,
				       path_name(file->path));

	return !map_put(&f->seen, &f->arena, key, f);
}

/* file: all but the stamp and the texts. */
static void format_file(struct formatting *f, const struct tree *tree,
			struct different *file)
{
	static const char *const wrong[] = {
		[TREE_ABSENT] = "there is no such file",
		[TREE_DIRECTORY] = "it is a folder",
		[TREE_LINK] = "it is a symbolic link, which is left alone",
	};
	AUTO_BUF struct buf text = { 0 };
	struct tree_entry entry;

	f->diags.place = (struct place){ .file = file->shown };
	if (!tree_entry(tree, file->path, &f->arena, &entry, &f->diags))
		return;
	if (entry.type != TREE_FILE)
		diag_error(&f->diags, "%s", wrong[entry.type]);
	else if (!tree_stamp(tree, file->path, &file->stamp))
		diag_error(&f->diags, "it cannot be looked at");
	else if (is_new(f, file) &&
		 tree_read(tree, file->path, SOURCE_MAX_BYTES, &text,
			   &f->diags))
		format(f, file, &text);
}

/* --- a world --- */

static bool is_document(const struct tree_entry *e)
{
	size_t n = strlen(e->name);

	return e->type == TREE_FILE && n > 5 &&
	       strcmp(e->name + n - 5, ".json") == 0;
}

/* "hosts" in "./": "hosts"; in "w": "w/hosts". */
static const char *shown_below(struct arena *a, const char *world,
			       const char *path)
{
	size_t n = strlen(world);

	while (n > 1 && world[n - 1] == '/')
		n--;
	if (n == 1 && *world == '.')
		return path;
	return arena_printf(a, "%.*s%s%s", (int)n, world,
			    world[n - 1] == '/' ? "" : "/", path);
}

static void format_below(struct formatting *f, const struct tree *world,
			 const char *shown, const char *path)
{
	struct different file = { .folder =
					  arena_strdup(&f->arena, world->name),
				  .path = path,
				  .shown =
					  shown_below(&f->arena, shown, path) };

	format_file(f, world, &file);
}

/* Where the documents of a world are, and the folders below. Names that begin
 * with a dot are an editor's. */
static void format_world(struct formatting *f, const struct tree *world,
			 const char *shown)
{
	struct strings folders = { 0 };
	struct arena *a = &f->arena;

	format_below(f, world, shown, "converge.json");
	strings_add(&folders, a, "hosts");
	strings_add(&folders, a, "roles");
	strings_add(&folders, a, "approvals");
	strings_add(&folders, a, "tests");
	strings_add(&folders, a, "secrets");
	for (size_t i = 0; i < folders.n; i++) {
		struct tree_entry *v, entry;
		size_t n;

		f->diags.place = (struct place){ 0 };
		if (!tree_entry(world, folders.v[i], a, &entry, &f->diags) ||
		    entry.type != TREE_DIRECTORY ||
		    !tree_list(world, folders.v[i], a, &v, &n, &f->diags))
			continue;
		for (size_t k = 0; k < n; k++) {
			const char *path = arena_printf(
				a, "%s/%s", folders.v[i], v[k].name);

			if (v[k].name[0] == '.')
				continue;
			if (v[k].type == TREE_DIRECTORY)
				strings_add(&folders, a, path);
			else if (is_document(&v[k]))
				format_below(f, world, shown, path);
		}
	}
}

/* --- what the command line names --- */

static void no_world(struct formatting *f, const char *shown)
{
	f->diags.place = (struct place){ .file = shown };
	diag_error(&f->diags,
		   "it is a folder, and no world: it has no converge.json");
	diag_hint(&f->diags, "name the files");
}

static void format_path(struct formatting *f, const char *shown)
{
	struct arena *a = &f->arena;
	const char *path = linux_absolute(f->options->cwd, shown, a, &f->diags);
	struct different file = { .shown = shown };
	struct tree_entry entry = { 0 };
	struct tree *tree;

	if (!path)
		return;
	tree = linux_open_folder(path);
	if (tree) {
		if (!tree_entry(tree, "converge.json", a, &entry, &f->diags) ||
		    entry.type != TREE_FILE)
			no_world(f, shown);
		else
			format_world(f, tree, shown);
		tree_close(tree);
		return;
	}
	tree = linux_open_beside(path, shown, &f->diags);
	if (!tree)
		return;
	file.folder = arena_strdup(a, tree->name);
	file.path = arena_strdup(a, path_name(path));
	format_file(f, tree, &file);
	tree_close(tree);
}

/* false: the text could not be laid out. */
static bool format_input(struct formatting *f, struct buf *laid)
{
	struct different file = { .shown = "-" };
	AUTO_BUF struct buf text = { 0 };
	struct reader input = { .fd = STDIN_FILENO };
	bool whole;
	int result = reader_all(&input, SOURCE_MAX_BYTES, &text, &whole);

	f->diags.place = (struct place){ .file = file.shown };
	if (result < 0)
		return diag_errno(&f->diags, -result, "cannot be read");
	if (!whole)
		return diag_error(&f->diags, "larger than 16 MiB");
	buf_add(laid, buf_text(&text), text.size);
	format(f, &file, &text);
	if (f->n) {
		buf_clear(laid);
		buf_add(laid, f->v[0].new.text, f->v[0].new.size);
	}
	return f->diags.errors == 0;
}

static bool rewrite_all(struct formatting *f)
{
	bool ok = true;

	f->diags.place = (struct place){ 0 };
	for (size_t i = 0; i < f->n; i++) {
		struct different *file = &f->v[i];

		file->rewritten =
			linux_rewrite(file->folder, file->path, file->shown,
				      &file->stamp, &file->new, &f->diags);
		ok &= file->rewritten;
	}
	return ok;
}

/* --- the document --- */

static json_t *diff_json(const struct different *file)
{
	AUTO_BUF struct buf diff = { 0 };

	diff_unified(&diff, buf_text(&file->old), file->old.size,
		     file->new.text, file->new.size, SIZE_MAX);
	return json_stringn(buf_text(&diff), diff.size);
}

static json_t *document(const struct formatting *f)
{
	json_t *files = json_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct different *file = &f->v[i];
		json_t *j = json_object();

		json_object_set_new(j, "file", escape_json(file->shown));
		json_object_set_new(j, "rewritten",
				    json_boolean(file->rewritten));
		if (f->options->diff)
			json_object_set_new(j, "diff", diff_json(file));
		json_array_append_new(files, j);
	}
	return json_pack("{s:s, s:o, s:{s:I, s:I}}", "format", "converge.fmt/1",
			 "files", files, "summary", "files",
			 (json_int_t)f->files, "different", (json_int_t)f->n);
}

static void end(struct formatting *f, const struct converge_view *view)
{
	for (size_t i = 0; i < f->n; i++) {
		buf_release(&f->v[i].old);
		buf_release(&f->v[i].new);
	}
	view->diags(view->context, &f->diags);
	diags_release(&f->diags);
	arena_release(&f->arena);
}

static int finish(struct formatting *f, bool is_input, json_t **found)
{
	int status = CONVERGE_OK;

	if (f->diags.errors)
		return CONVERGE_CANNOT_RUN;
	if (is_told(f))
		status = f->n ? CONVERGE_DRIFT : CONVERGE_OK;
	else if (!is_input && !rewrite_all(f))
		status = CONVERGE_FAILED;
	*found = document(f);
	return status;
}

int converge_fmt(const struct converge_options *options,
		 const struct converge_view *view, json_t **found,
		 struct buf *laid)
{
	struct formatting f = { .options = options };
	bool is_input =
		options->nnames == 1 && strcmp(options->names[0], "-") == 0;
	int status;

	*found = NULL;
	if (is_input)
		format_input(&f, laid);
	else if (!options->nnames)
		format_path(&f, ".");
	else
		for (size_t i = 0; i < options->nnames; i++)
			format_path(&f, options->names[i]);
	status = finish(&f, is_input, found);
	end(&f, view);
	return status;
}
