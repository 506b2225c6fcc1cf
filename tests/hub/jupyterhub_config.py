"""The hub of the tests: whoever is on its list comes in with one word; what the tests choose is in the environment."""

import json
import os

c = get_config()  # noqa: F821
given = json.loads(os.environ["HUB_OF_THE_TESTS"])

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = set(given["people"])
c.DummyAuthenticator.password = given["password"]

c.JupyterHub.spawner_class = given["spawner"]
c.SimpleLocalProcessSpawner.home_dir_template = given["homes"] + "/{username}"
c.Spawner.cmd = [given["bin"] + "/jupyterhub-singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.environment = given["environment"]
# A busy machine is no reason to give up.
c.Spawner.start_timeout = c.Spawner.http_timeout = 3600
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}

c.JupyterHub.bind_url = given["address"]
c.JupyterHub.hub_bind_url = given["hub"]
c.ConfigurableHTTPProxy.api_url = given["proxy"]
c.ConfigurableHTTPProxy.command = given["proxy_command"]

c.JupyterHub.services = [{"name": "tests", "api_token": given["token"]}]
scopes = ["admin:users", "admin:servers", "tokens", "access:servers"]
c.JupyterHub.load_roles = [{"name": "tests", "scopes": scopes, "services": ["tests"]}]
