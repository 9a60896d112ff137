-- Live read models. Other schemas are made by the migrations that fill them.
CREATE SCHEMA read;
