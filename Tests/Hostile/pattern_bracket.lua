-- expect: malformed pattern (missing ']')
('a'):find('[a')
