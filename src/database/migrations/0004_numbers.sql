-- Numbers that people and the Python client use. The log records the number that a thing was given; these sequences only say
-- which one comes next, and a rebuild seeds them again from the log.
create schema numbers;
create sequence numbers.product_id as integer;
create sequence numbers.file_id as integer;
create sequence numbers.column_id as integer;
create sequence numbers.release_id as integer;
create sequence numbers.run_id as integer;
