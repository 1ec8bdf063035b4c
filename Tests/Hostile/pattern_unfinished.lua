-- expect: unfinished capture
('a'):find('(a')
