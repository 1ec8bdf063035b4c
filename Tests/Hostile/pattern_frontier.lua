-- expect: missing '[' after '%f'
('a'):find('%f')
