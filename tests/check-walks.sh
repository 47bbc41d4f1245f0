# Whatever goes over what a pickle may hold any number of times - the parts of a dtype, the values of a graph, the elements of an
# array - does it by a function that looks at each once, or asks first what it may cost. Each file of lib/ and tools/ that looks into
# one of them has a line here, with the call by which it is bounded; "one" where it only looks at what lies directly inside. Tables
# of functions and macros are not seen through: this finds the walk that somebody adds, not one that somebody hides.
# So it is with what sends bytes or text on: it spends a budget, of the sink, the writer or the input; "one" where it hands on what
# somebody else has counted, or a message.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# kind, how the files are found
looks='
dtype    field_count|npk_dtype_fields\(|npk_dtype_subarray\(|dtype->base([^_]|$)|->base->
graph    npki_children\(|npki_child\(|npk_walk_start\(
elements npk_array_count\(|npki_gather_(start|run|next)\(|npki_items_(start|next)\(
sinks    npki_sink_start\(|[>.]write\(|npk_write_value\(|npk_npy_write\(|npk_print_(value|json|csv|array)[a-z_]*\(|tool_(print|json)_string\(
'

# kind, file, what bounds it
bounds='
dtype lib/array/view.c one
dtype lib/cast/struct_plan.c MOST_FIELDS
dtype lib/cast/texts.c one
dtype lib/compare/elements.c npki_dtype_facts_of
dtype lib/container/npy.c one
dtype lib/dtype/bools.c npki_dtype_parts_find
dtype lib/dtype/copy.c npki_dtype_parts_find
dtype lib/dtype/descr.c npki_dtype_has_text
dtype lib/dtype/dtype.c one
dtype lib/dtype/equal.c MOST_FIELDS
dtype lib/dtype/facts.c one
dtype lib/dtype/mask.c npki_dtype_parts_find
dtype lib/dtype/new.c one
dtype lib/dtype/parse_plain.c one
dtype lib/dtype/parts.c npki_map_put
dtype lib/dtype/repr.c npki_dtype_has_text
dtype lib/dtype/struct.c one
dtype lib/dtype/walk.c one
dtype lib/edit/set_array.c one
dtype lib/known/array.c one
dtype lib/known/dtype.c one
dtype lib/known/dtype_fields.c npki_known_fields_of
dtype lib/known/form.c npki_map_put
dtype lib/print/csv_column.c npki_dtype_facts_of
dtype lib/print/item.c npki_dtype_facts_of
dtype lib/print/shared.c one
dtype lib/writer/graph/buffered.c one
dtype lib/writer/numpy/array.c one
dtype lib/writer/numpy/array_parts.c one
dtype lib/writer/numpy/dtype.c npki_dtype_has_text
dtype lib/writer/numpy/dtype_fields.c one
dtype lib/writer/numpy/objects.c one
dtype lib/writer/numpy/pyarray.c one
dtype tools/pack.c one
dtype tools/plain.c one
graph lib/check/candidate.c one
graph lib/check/check.c npk_walk_next
graph lib/check/release.c npk_walk_next
graph lib/check/seen.c npk_walk_next
graph lib/compare/key.c npki_compare_charge
graph lib/compare/making.c one
graph lib/compare/timeline_walk.c npki_compare_charge
graph lib/compare/walk.c npki_compare_charge
graph lib/compare/report.c one
graph lib/container/tensor.c npk_walk_next
graph lib/edit/change.c npk_walk_next
graph lib/edit/cycle.c npki_map_put
graph lib/edit/edit.c npk_walk_next
graph lib/edit/prove.c npk_walk_next
graph lib/edit/replace.c npk_walk_next
graph lib/edit/twins.c npk_walk_next
graph lib/print/json.c npk_walk_next
graph lib/print/shared.c npk_walk_next
graph lib/reader/depth.c IS_MET
graph lib/reader/drop.c npk_walk_next
graph lib/reader/meet.c npki_map_put
graph lib/reader/object.c one
graph lib/value/step.c one
graph lib/value/find.c DEEPEST
graph lib/value/walk.c npki_map_put
graph lib/writer/graph/refused.c npk_walk_next
graph tools/convert.c npk_walk_next
graph tools/extract.c npk_walk_next
graph tools/info.c npk_walk_next
graph tools/python2.c npk_walk_next
graph tools/sharing.c VALUES_PER_BYTE
elements lib/array/elements.c npki_gather_next
elements lib/array/gather.c itemsize.>.0
elements lib/array/layout.c one
elements lib/array/reshape.c one
elements lib/cast/cast.c from_size.==.0
elements lib/cast/element.c npki_items_next
elements lib/cast/element_text.c measure_empty
elements lib/cast/struct.c itemsize.==.0
elements lib/compare/array.c one
elements lib/compare/elements.c bytes.==.0
elements lib/container/own.c one
elements lib/container/npy.c npki_gather_next
elements lib/print/array.c npki_sink_expect
elements lib/writer/numpy/array.c one
elements lib/writer/numpy/elements.c npki_gather_next
elements lib/writer/numpy/masked.c one
elements lib/writer/numpy/objects.c one
elements lib/writer/numpy/pyarray.c one
elements tools/format.c one
sinks lib/check/check.c one
sinks lib/check/search.c ECANCELED
sinks lib/compare/array.c LOOKED_AT
sinks lib/compare/report.c one
sinks lib/container/format.c one
sinks lib/container/npy.c one
sinks lib/container/save.c one
sinks lib/edit/prove.c one
sinks lib/print/csv.c npki_print_start
sinks lib/print/dis.c OUTPUT_PER_BYTE
sinks lib/print/json.c npki_print_start
sinks lib/print/settings.c npki_worth_of
sinks lib/print/shared.c LONGEST_PATH
sinks lib/print/value.c npki_print_start
sinks lib/text/sink.c npki_budget_add
sinks lib/value/find.c one
sinks lib/value/walk.c one
sinks lib/writer/core/frame.c one
sinks lib/writer/graph/write.c npki_check_spending
sinks lib/writer/numpy/pyarray.c one
sinks tools/buffers.c one
sinks tools/check.c npk_budget_spend
sinks tools/common.c one
sinks tools/convert.c tool_input_budget
sinks tools/diff.c one
sinks tools/extract.c npk_budget_spend
sinks tools/format.c one
sinks tools/info.c npk_budget_spend
sinks tools/json.c one
sinks tools/lines.c npk_budget_spend
sinks tools/output.c npk_budget_spend
sinks tools/set.c tool_input_budget
sinks tools/tiff.c one
'

cd "$srcdir"
find lib tools -name '*.c' | LC_ALL=C sort > "$work/files"
printf '%s\n' "$looks" | while read -r kind pattern; do
    [ -n "$kind" ] || continue
    # Comments are not looked at; a string is.
    for file in $(cat "$work/files"); do
        if sed -e 's,/\*.*\*/,,' "$file" | grep -Eq "$pattern"; then
            echo "$kind $file"
        fi
    done
done | LC_ALL=C sort > "$work/found"
[ -s "$work/found" ] || { echo "nothing was found" >&2; exit 1; }

printf '%s\n' "$bounds" | awk 'NF == 3 { print $1, $2 }' | LC_ALL=C sort > "$work/listed"
if LC_ALL=C comm -23 "$work/found" "$work/listed" | grep .; then
    echo "these look into a dtype, a graph or elements, or send something on, and no line of check-walks.sh says what bounds them" >&2
    failed=1
fi
if LC_ALL=C comm -13 "$work/found" "$work/listed" | grep .; then
    echo "these lines of check-walks.sh are of files that do no such thing" >&2
    failed=1
fi
printf '%s\n' "$bounds" | while read -r kind file bound; do
    [ -n "$kind" ] && [ "$bound" != one ] && [ -f "$file" ] || continue
    grep -q -- "$bound" "$file" || echo "$file: $bound"
done > "$work/unbounded"
if [ -s "$work/unbounded" ]; then
    cat "$work/unbounded" >&2
    echo "what bounded these walks is gone" >&2
    failed=1
fi
[ "$failed" -eq 0 ] || exit 1
echo "$(wc -l < "$work/found") walks and sinks are bounded"
