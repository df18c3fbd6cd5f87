/* SPDX-License-Identifier: GPL-2.0-or-later */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM livepatch

#if !defined(_TRACE_LIVEPATCH_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_LIVEPATCH_H

#include <linux/tracepoint.h>

/*
 * The object is there, and so are all the relocations of a livepatch module that
 * belong to it; or nothing is written, if the result is an error.  Those of
 * vmlinux are written by the module loader just after this.
 */
TRACE_EVENT(klp_apply_relocs,
	    TP_PROTO(const char *patch, const char *object,
		     unsigned int symbols, unsigned int relocations,
		     int result),
	    TP_ARGS(patch, object, symbols, relocations, result),

	    TP_STRUCT__entry(__string(patch, patch)
			     __string(object, object)
			     __field(unsigned int, symbols)
			     __field(unsigned int, relocations)
			     __field(int, result)),

	    TP_fast_assign(__assign_str(patch);
			   __assign_str(object);
			   __entry->symbols = symbols;
			   __entry->relocations = relocations;
			   __entry->result = result;),

	    TP_printk("patch=%s object=%s symbols=%u relocations=%u result=%d",
		      __get_str(patch), __get_str(object),
		      __entry->symbols, __entry->relocations,
		      __entry->result)
);

/*
 * The object, a module, goes or did not come in the end, or the livepatch is refused.
 * Not traced when the livepatch module goes first, with all that was written.
 */
TRACE_EVENT(klp_undo_relocs,
	    TP_PROTO(const char *patch, const char *object,
		     unsigned int symbols, unsigned int relocations),
	    TP_ARGS(patch, object, symbols, relocations),

	    TP_STRUCT__entry(__string(patch, patch)
			     __string(object, object)
			     __field(unsigned int, symbols)
			     __field(unsigned int, relocations)),

	    TP_fast_assign(__assign_str(patch);
			   __assign_str(object);
			   __entry->symbols = symbols;
			   __entry->relocations = relocations;),

	    TP_printk("patch=%s object=%s symbols=%u relocations=%u",
		      __get_str(patch), __get_str(object),
		      __entry->symbols, __entry->relocations)
);

#endif /* _TRACE_LIVEPATCH_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
