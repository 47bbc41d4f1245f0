/* npickle: write arrays that NumPy loads, and read what NumPy pickled, without Python.
 *
 * The one header a program includes. The parts below read in this order:
 *
 *   status.h    what can go wrong, and how a call reports it
 *   options.h   allocator, limits: what every call may be given
 *   sink.h      where bytes go: files, descriptors, memory, a file that appears whole or not at all
 *   source.h    where bytes come from: a function, a file
 *   dtype.h     NumPy's types of elements
 *   array.h     an array in memory: a view, its copies and conversions
 *   view.h      parts of an array, or the same in another shape, without a copy
 *   element.h   one element at a time; texts and times as C has them
 *   cstruct.h   arrays of C structs: their descriptors, and fields read by name
 *   value.h     what a pickle holds: the graph of values
 *   reader.h    bytes -> values
 *   array_view.h  pickled arrays looked at where they lie
 *   dialect.h   which Python's and which NumPy's bytes a writer writes
 *   writer.h    values -> bytes
 *   edit.h      documents made and changed in memory
 *   pyarray.h   array.array, both ways
 *   npy.h       .npy files, both ways
 *   torch.h     files of PyTorch before its zip archives
 *   textmode.h  files that a transfer in text mode has changed
 *   compare.h   two graphs or two arrays: equal, or what differs and where
 *   check.h     a pickle read and written again: the same bytes, or where they part
 *   identify.h  which Pythons and NumPys may have written a pickle
 *   load.h      whole files in one call: an array or a document, to a file and back
 *   opcode.h    the 68 opcodes, and a pickle as a list of instructions
 *   cursor.h    the same in memory, an opcode at a time, at the least cost
 *   print.h     values as text: as Python prints them, JSON, CSV
 */
#ifndef NPICKLE_H
#define NPICKLE_H

#include <npickle/status.h>

#include <npickle/options.h>

#include <npickle/sink.h>

#include <npickle/source.h>

#include <npickle/dtype.h>

#include <npickle/array.h>

#include <npickle/view.h>

#include <npickle/element.h>

#include <npickle/cstruct.h>

#include <npickle/value.h>

#include <npickle/reader.h>

#include <npickle/array_view.h>

#include <npickle/dialect.h>

#include <npickle/writer.h>

#include <npickle/edit.h>
#include <npickle/pyarray.h>

#include <npickle/npy.h>

#include <npickle/textmode.h>

#include <npickle/torch.h>

#include <npickle/compare.h>

#include <npickle/identify.h>

#include <npickle/check.h>

#include <npickle/load.h>

#include <npickle/opcode.h>

#include <npickle/cursor.h>

#include <npickle/print.h>

#endif
