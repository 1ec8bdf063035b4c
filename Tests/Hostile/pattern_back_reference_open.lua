-- expect: invalid capture index %1
('aa'):find('(a%1)')
