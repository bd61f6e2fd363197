# The content of ../stack/stack.json, as Puppet says it.
$site = 'shop.test'
$port = 8080
$world = '/srv/world'

package { ['nginx-light', 'postgresql', 'openssh-server', 'openssl', 'sudo', 'cron', 'curl']:
  ensure          => installed,
  install_options => ['--no-install-recommends'],
}

host { 'localhost': ip => '127.0.0.1' }
host { $site: ip => '127.0.0.1' }
host { 'db.test': ip => '10.0.0.5', host_aliases => ['db'] }

file { '/etc/sysctl.d/60-net.ipv4.ip_forward.conf':
  content => "net.ipv4.ip_forward = 1\n",
}
~> exec { 'set ip_forward':
  command     => '/usr/sbin/sysctl -q -p /etc/sysctl.d/60-net.ipv4.ip_forward.conf',
  refreshonly => true,
}

group { 'app': ensure => present, system => true }
-> user { 'app':
  ensure     => present,
  system     => true,
  gid        => 'app',
  home       => '/var/lib/app',
  managehome => true,
  shell      => '/bin/sh',
}
-> ssh_authorized_key { 'deploy@laptop':
  user    => 'app',
  type    => 'ssh-ed25519',
  key     => 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
  options => ['restrict'],
}

file {
  default:
    notify => Service['app'];
  '/usr/local/bin/app':
    source => "${world}/files/app",
    mode   => '0755';
  '/etc/app.conf':
    content => "port = ${port}\n",
    group   => 'app',
    mode    => '0640';
  '/etc/systemd/system/app.service':
    source => "${world}/files/app.service",
    mode   => '0644';
}
service { 'app': ensure => running, enable => true, require => User['app'] }

file {
  default:
    require => Package['nginx-light'],
    notify  => Service['nginx'];
  "/etc/nginx/sites-available/${site}":
    content => epp("/srv/peers/site.epp", { 'site' => $site, 'port' => $port });
  "/etc/nginx/sites-enabled/${site}":
    ensure => link,
    target => "../sites-available/${site}";
  '/etc/nginx/sites-enabled/default':
    ensure => absent;
  '/etc/nginx/tls':
    ensure => directory,
    mode   => '0700';
}
exec { 'make the certificate':
  command => @("END"/L),
    /usr/bin/openssl req -x509 -nodes -days 3650 -newkey ec \
    -pkeyopt ec_paramgen_curve:P-256 -subj /CN=${site} \
    -addext subjectAltName=DNS:${site} -keyout /etc/nginx/tls/key.pem \
    -out /etc/nginx/tls/cert.pem
    |- END
  umask   => '0077',
  creates => '/etc/nginx/tls/cert.pem',
  require => [Package['openssl'], File['/etc/nginx/tls']],
  notify  => Service['nginx'],
}
service { 'nginx':
  ensure  => running,
  enable  => true,
  restart => '/usr/sbin/nginx -t -q && /usr/bin/systemctl reload nginx',
  require => Service['app'],
}

file { '/etc/postgresql/15/main/pg_hba.conf':
  source  => "${world}/files/pg_hba.conf",
  owner   => 'postgres',
  group   => 'postgres',
  mode    => '0640',
  require => Package['postgresql'],
}
~> service { 'postgresql@15-main':
  ensure  => running,
  restart => '/usr/bin/systemctl reload postgresql@15-main',
}
-> exec { 'make the role':
  command => '/usr/bin/createuser app',
  user    => 'postgres',
  cwd     => '/',
  unless  => "/usr/lib/postgresql/15/bin/psql -Xqc \"select 'app'::regrole\"",
}
-> exec { 'make the database':
  command => '/usr/bin/createdb --owner app app',
  user    => 'postgres',
  cwd     => '/',
  unless  => '/usr/lib/postgresql/15/bin/psql -Xqd app -c select',
}

file { '/etc/ssh/sshd_config.d/hard.conf':
  content      => "PermitRootLogin no\nPasswordAuthentication no\n",
  mode         => '0600',
  validate_cmd => '/usr/sbin/sshd -t -f %',
  require      => Package['openssh-server'],
}
~> service { 'ssh':
  ensure  => running,
  enable  => true,
  restart => '/usr/bin/systemctl reload ssh',
}

file { '/etc/sudoers.d/app':
  content      => "app ALL=(root) NOPASSWD: /usr/bin/systemctl restart app\n",
  mode         => '0440',
  validate_cmd => '/usr/sbin/visudo -c -f %',
  require      => Package['sudo'],
}

file { '/etc/cron.d/app-tidy':
  content => "17 3 * * * app find /var/lib/app -name '*.tmp' -delete\n",
  mode    => '0644',
  require => Package['cron'],
}
service { 'cron': ensure => running, enable => true, require => Package['cron'] }
