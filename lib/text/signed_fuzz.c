/* SPDX-License-Identifier: MIT */
/* A commit taken apart: what is left of it and the signature are of it, and a
 * commit that was signed has one signature, whatever else is in it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct signed_commit c, again;
	const char *wrong = signed_split(&c, (const char *)data, size);

	if (c.payload.size + c.signature.size > size)
		abort();
	if (!wrong) {
		if (!c.signature.size || c.signature.size > SIGNATURE_MAX ||
		    strncmp(buf_text(&c.signature), "-----BEGIN ", 11) != 0)
			abort();
		/* without its signature it is signed no more */
		wrong = signed_split(&again, buf_text(&c.payload),
				     c.payload.size);
		if (!wrong || strcmp(wrong, "is not signed") != 0 ||
		    again.time != c.time)
			abort();
		signed_release(&again);
	}
	signed_release(&c);
	return 0;
}
