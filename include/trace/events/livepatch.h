/* SPDX-License-Identifier: GPL-2.0-or-later */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM livepatch

#if !defined(_TRACE_LIVEPATCH_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_LIVEPATCH_H

#include <linux/tracepoint.h>

/*
 * The relocations of a livepatch module that wait for an object have been written;
 * or, if the result is an error, they are as before.
 */
TRACE_EVENT(klp_apply_relocs,
	    TP_PROTO(const char *patch, const char *object, int result),
	    TP_ARGS(patch, object, result),

	    TP_STRUCT__entry(__string(patch, patch)
			     __string(object, object)
			     __field(int, result)),

	    TP_fast_assign(__assign_str(patch);
			   __assign_str(object);
			   __entry->result = result;),

	    TP_printk("patch=%s object=%s result=%d",
		      __get_str(patch), __get_str(object), __entry->result)
);

/*
 * A module that a livepatch module uses is unloaded or was refused: the symbols that
 * it has, and those that only relocations which wait for it use, are unresolved.
 */
TRACE_EVENT(klp_unresolve,
	    TP_PROTO(const char *patch, const char *object),
	    TP_ARGS(patch, object),

	    TP_STRUCT__entry(__string(patch, patch)
			     __string(object, object)),

	    TP_fast_assign(__assign_str(patch);
			   __assign_str(object);),

	    TP_printk("patch=%s object=%s", __get_str(patch), __get_str(object))
);

#endif /* _TRACE_LIVEPATCH_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
