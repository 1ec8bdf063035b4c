-- expect: math has no field 'random'
math.random()
