/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs that load modules by themselves have in common.
 * Loading thousands of them with insmod would take most of the time to start it.
 */
#ifndef _KLP_MODULES_H
#define _KLP_MODULES_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../kselftest.h"

/* A module's file in memory */
struct image {
	char *data;
	size_t size;
};

static inline struct image read_image(const char *path)
{
	struct image image;
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	image.size = st.st_size;
	image.data = malloc(image.size);
	if (!image.data ||
	    read(fd, image.data, image.size) != (ssize_t)image.size)
		err(1, "%s", path);
	close(fd);

	return image;
}

/* 0 or a negative error number */
static inline int load_image(const struct image *image, const char *params)
{
	return syscall(SYS_init_module, image->data, image->size, params) ?
		-errno : 0;
}

static inline int unload_module(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* A small file of sysfs without the newline at its end; false if there is none */
static inline bool read_file(char *buf, size_t size, const char *fmt,
			     const char *a, const char *b)
{
	char path[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), fmt, a, b);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	len = read(fd, buf, size - 1);
	close(fd);
	if (len < 0)
		return false;
	buf[len] = '\0';
	buf[strcspn(buf, "\n")] = '\0';

	return true;
}

static inline bool write_file(const char *path, const char *str)
{
	int fd = open(path, O_WRONLY);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, str, strlen(str)) == (ssize_t)strlen(str);
	close(fd);

	return done;
}

static inline bool read_param(char *buf, size_t size, const char *module,
			      const char *param)
{
	return read_file(buf, size, "/sys/module/%s/parameters/%s", module, param);
}

/* Ask every 10 ms, for a minute, until the livepatch is (not) in transition */
static inline void wait_livepatch(const char *name, const char *transition)
{
	char state[16];
	int tries;

	for (tries = 0; tries < 6000; tries++) {
		if (!read_file(state, sizeof(state),
			       "/sys/kernel/livepatch/%s/%s", name, "transition"))
			state[0] = '\0';
		if (!strcmp(state, transition))
			return;
		usleep(10000);
	}
	errx(1, "livepatch %s does not finish its transition", name);
}

/* Wait until a livepatch that has been loaded is enabled */
static inline void wait_enabled(const char *name)
{
	wait_livepatch(name, "0");
}

/* Disable a livepatch and wait until it can be unloaded, or is in use */
static inline void disable_livepatch(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/livepatch/%s/enabled", name);
	if (!write_file(path, "0"))
		err(1, "%s", path);
	wait_livepatch(name, "");
}

/* Unload a module that somebody may use for a moment */
static inline int unload_when_unused(const char *name)
{
	int ret;

	while ((ret = unload_module(name)) == -EAGAIN || ret == -EBUSY)
		usleep(1000);

	return ret;
}

/* For what has no reason to fail, with what load_image() and others return */
static inline void must(int ret, const char *what)
{
	if (ret)
		errx(1, "%s: %s", what, strerror(-ret));
}

/* Disable and unload a livepatch */
static inline void remove_livepatch(const char *name)
{
	disable_livepatch(name);
	must(unload_when_unused(name), name);
}

static inline struct image read_module(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "test_modules/%s.ko", name);

	return read_image(path);
}

/* A module parameter must show this */
static inline void expect_param(const char *module, const char *param,
				const char *expected)
{
	char buf[1024];

	if (!read_param(buf, sizeof(buf), module, param))
		errx(1, "%s has no parameter %s", module, param);
	if (strcmp(buf, expected))
		errx(1, "%s %s: expected '%s', got '%s'", module, param,
		     expected, buf);
}

#define TARGET		"test_klp_reloc_target"

/* Load TARGET so that all that livepatches read there depends on @value */
static inline int load_target(const struct image *image, int value)
{
	char params[64];

	snprintf(params, sizeof(params), "value=%d twin1=%d twin2=%d", value,
		 value + 100, value + 200);

	return load_image(image, params);
}

/*
 * What TARGET reports if it was loaded with @value and @livepatch is on top; @at
 * is what its parameter of this name shows
 */
static inline void format_report(char *buf, size_t size, const char *livepatch,
				 int value, const char *at)
{
	snprintf(buf, size,
		 "%s: code %d %d data %d %d rodata %d %d twins %d %d %d %d at %s",
		 livepatch, value, value + 1, value, value + 2, value, value + 3,
		 value + 100, value + 99, value + 200, value + 198, at);
}

/* TARGET was loaded with @value, and @livepatch reaches all its symbols */
static inline void check_target(const char *livepatch, int value)
{
	char at[64], expected[512];

	if (!read_param(at, sizeof(at), TARGET, "at"))
		errx(1, "%s is not there", TARGET);
	format_report(expected, sizeof(expected), livepatch, value, at);
	expect_param(TARGET, "report", expected);
	snprintf(expected, sizeof(expected), "%d", value + 1000);
	expect_param(TARGET, "written", expected);
	snprintf(expected, sizeof(expected), "%s %s", at, at);
	expect_param(livepatch, "places", expected);
}

/* No place of the livepatch keeps an address */
static inline void check_undone(const char *livepatch)
{
	expect_param(livepatch, "places", "0 0 0 0");
}

#endif /* _KLP_MODULES_H */
