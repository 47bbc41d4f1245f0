# Stands for the Criterion programs where configure found no Criterion: they were not run, so the tests have not passed.
echo "Criterion is missing, so none of the unit tests was built." >&2
echo "Install it (Debian: apt-get install libcriterion-dev), run configure again, then 'make check'." >&2
exit 1
