/* SPDX-License-Identifier: MIT */
#include "lib/base/map.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

struct map_slot {
	const char *key;
	size_t size;
	uint64_t hash;
	void *value;
};

static uint64_t rotate(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* Who is refused random bytes takes those that the kernel gave each process,
 * getauxval(3). */
static const uint64_t *hash_key(void)
{
	static uint64_t key[2];
	ssize_t n;

	if (key[0])
		return key;
	do {
		n = getrandom(key, sizeof(key), 0);
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(key))
		memcpy(key, (const void *)getauxval(AT_RANDOM), sizeof(key));
	key[0] |= 1;
	return key;
}

uint64_t map_hash(const void *bytes, size_t n)
{
	const uint64_t *key = hash_key();
	const unsigned char *p = bytes;
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575),
			  key[1] ^ UINT64_C(0x646f72616e646f6d),
			  key[0] ^ UINT64_C(0x6c7967656e657261),
			  key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t word, last = (uint64_t)n << 56;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&word, p, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = 0;
	if (n)
		memcpy(&word, p, n);
	last |= word;
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot of key, or the free one where it belongs. */
static struct map_slot *find(const struct map *m, const char *key, size_t size,
			     uint64_t hash)
{
	size_t i = hash & (m->capacity - 1);

	for (;; i = (i + 1) & (m->capacity - 1)) {
		struct map_slot *s = &m->slots[i];

		if (!s->key || (s->hash == hash && s->size == size &&
				memcmp(s->key, key, size) == 0))
			return s;
	}
}

void *map_getn(const struct map *m, const char *key, size_t n)
{
	if (!m->n)
		return NULL;
	return find(m, key, n, map_hash(key, n))->value;
}

void *map_get(const struct map *m, const char *key)
{
	return map_getn(m, key, strlen(key));
}

static void grow(struct map *m, struct arena *a)
{
	struct map old = *m;

	m->capacity = old.capacity ? old.capacity * 2 : 64;
	m->slots = arena_array(a, struct map_slot, m->capacity);
	for (size_t i = 0; i < old.capacity; i++) {
		const struct map_slot *s = &old.slots[i];

		if (s->key)
			*find(m, s->key, s->size, s->hash) = *s;
	}
}

void *map_put(struct map *m, struct arena *a, const char *key, void *value)
{
	size_t size = strlen(key);
	uint64_t hash = map_hash(key, size);
	struct map_slot *s;
	void *before;

	if (m->n * 4 >= m->capacity * 3)
		grow(m, a);
	s = find(m, key, size, hash);
	before = s->value;
	if (!s->key)
		m->n++;
	*s = (struct map_slot){ key, size, hash, value };
	return before;
}
