/* SPDX-License-Identifier: MIT */
#include "lib/base/utf8.h"

#include "lib/base/auto.h"

/* Rows of RFC 3629, section 3; least refuses what has a shorter form. */
static const struct {
	unsigned char mask, lead;
	uint32_t least;
} forms[] = {
	{ 0x80, 0x00, 0x0 },
	{ 0xe0, 0xc0, 0x80 },
	{ 0xf0, 0xe0, 0x800 },
	{ 0xf8, 0xf0, 0x10000 },
};

static size_t form_of(unsigned char lead)
{
	size_t i = 0;

	while (i < COUNT(forms) && (lead & forms[i].mask) != forms[i].lead)
		i++;
	return i;
}

size_t utf8_decode(const char *bytes, size_t size, uint32_t *rune)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t form = size ? form_of(p[0]) : COUNT(forms);

	if (form >= COUNT(forms) || form >= size)
		return 0;
	*rune = p[0] & (unsigned char)~forms[form].mask;
	for (size_t i = 1; i <= form; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*rune = *rune << 6 | (p[i] & 0x3f);
	}
	if (*rune < forms[form].least || *rune > 0x10ffff ||
	    (*rune >= 0xd800 && *rune <= 0xdfff))
		return 0;
	return form + 1;
}

bool utf8_valid(const char *bytes, size_t size)
{
	uint32_t rune;

	for (size_t i = 0, n; i < size; i += n) {
		bool printable = bytes[i] >= ' ' && bytes[i] <= '~';

		n = printable ? 1 : utf8_decode(bytes + i, size - i, &rune);
		if (!n)
			return false;
	}
	return true;
}
