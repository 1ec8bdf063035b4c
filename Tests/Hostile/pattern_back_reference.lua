-- expect: invalid capture index %1
('a'):find('%1')
