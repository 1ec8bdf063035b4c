-- expect: math has no field 'randomseed'
math.randomseed(1)
