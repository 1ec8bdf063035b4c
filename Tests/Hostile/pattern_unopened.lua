-- expect: invalid pattern capture
('a'):match('a)')
