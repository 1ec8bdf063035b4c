-- expect: belongs to the bench and is read-only
rawset(string, 'rep', print)
