-- expect: string.rep: count larger than 1,048,576
('').rep('', 2^60 // 1)
