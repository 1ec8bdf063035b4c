-- expect: string has no field 'dump'
string.dump(print)
