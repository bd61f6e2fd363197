-- {{host}}: made by converge, edit it in the repository
select 'create role replicator login replication'
where not exists (select from pg_roles where rolname = 'replicator') \gexec
alter role replicator password '{{vars.replicator_password}}';
