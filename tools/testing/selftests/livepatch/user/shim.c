// SPDX-License-Identifier: GPL-2.0
/*
 * shim.c - memory, and the log
 */
#include <stdarg.h>
#include <stdlib.h>

/* The allocation that fails next, counted down; 0 for none */
unsigned int shim_fail;
/* That one has failed */
bool shim_failed;
/* Allocations that have not been freed */
unsigned int shim_used;
bool shim_verbose;
/* Whatever is logged has to be readable, and so is read */
unsigned char shim_read;

static bool fails(void)
{
	bool fail = shim_fail && !--shim_fail;

	shim_failed |= fail;

	return fail;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *memory = fails() ? NULL : malloc(size);

	if (memory)
		memset(memory, gfp & __GFP_ZERO ? 0 : 0xa5, size);
	shim_used += !!memory;

	return memory;
}

void *kvrealloc(const void *old, size_t size, gfp_t gfp)
{
	void *memory = fails() ? NULL : realloc((void *)old, size);

	shim_used += memory && !old;

	return memory;
}

void (kfree)(void *memory)
{
	shim_used -= !!memory;
	free(memory);
}

void *kmemdup(const void *from, size_t size, gfp_t gfp)
{
	void *memory = kmalloc(size, gfp);

	return memory ? memcpy(memory, from, size) : NULL;
}

char *kstrndup(const char *from, size_t max, gfp_t gfp)
{
	size_t len = strnlen(from, max);
	char *memory = kzalloc(len + 1, gfp);

	return memory ? memcpy(memory, from, len) : NULL;
}

unsigned int order_base_2(unsigned long n)
{
	return n > 1 ? fls64(n - 1) : 0;
}

unsigned int full_name_hash(const void *salt, const char *name, unsigned int len)
{
	unsigned int hash = 0;

	while (len--)
		hash = hash * 31 + *name++;

	return hash;
}

static void put(const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		shim_read ^= bytes[i];
	if (shim_verbose)
		fwrite(bytes, 1, len, stderr);
}

/* The formats that the checks use: %s, %*pE and integers */
void shim_log(const char *fmt, ...)
{
	const char *s;
	va_list args;
	char num[24];
	int len;

	va_start(args, fmt);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(fmt, 1);
			continue;
		}
		if (!strncmp(fmt, "%*pE", 4)) {
			len = va_arg(args, int);
			put(va_arg(args, const char *), len);
			fmt += 3;
			continue;
		}
		fmt += strspn(fmt, "%.0123456789");
		if (*fmt == 's') {
			s = va_arg(args, const char *);
			put(s, strlen(s));
		} else {
			put(num, snprintf(num, sizeof(num), "%#lx", *fmt == 'l' ?
					  va_arg(args, unsigned long) :
					  va_arg(args, unsigned int)));
			fmt += strspn(fmt, "l");
		}
	}
	va_end(args);
}
