/* Room that is written before it is read. */
#ifndef NPKI_BASE_SCRATCH_H
#define NPKI_BASE_SCRATCH_H

/* Before a local array: a compiler that was told to fill all variables with zeros leaves this one, which may be met
 * often, as it is. */
#ifdef __has_attribute
#if __has_attribute(uninitialized)
#define NPKI_SCRATCH __attribute__((uninitialized))
#endif
#endif
#ifndef NPKI_SCRATCH
#define NPKI_SCRATCH
#endif

#endif
