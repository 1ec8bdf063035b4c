-- expect: missing arguments to '%b'
('a'):find('%b')
