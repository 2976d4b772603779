/** Keys of an `app.yaml` that mean nothing on a machine of one's own, each with the reason as a clause. */

export const ignoredKeys: Readonly<Record<string, string>> = {
  admin_console: 'there is no admin console',
  api_config: 'Cloud Endpoints are not run here',
  api_version: 'the interpreter or compiler on this machine decides',
  app_engine_apis:
    'the APIs of the first generation are not here; an API server of your own can be named with "api" in runtimes.yaml',
  auto_id_policy: 'there is no datastore here',
  build_env_variables: 'nothing is built in the cloud',
  builtins: 'they come with an SDK that is not shipped any more',
  code_lock: 'nothing is deployed',
  datastore_auto_id_policy: 'there is no datastore here',
  derived_file_type: 'nothing is deployed',
  endpoints_api_service: 'Cloud Endpoints are not run here',
  flexible_runtime_settings: 'no image is built',
  labels: 'nothing is deployed',
  libraries: 'packages come from your own environment',
  network: 'it runs on this machine',
  pagespeed: 'the service does not exist any more',
  resources: 'it may have all that this machine has',
  service_account: 'it runs with your own credentials',
  standard_websocket: 'WebSockets are always let through',
  vpc_access_connector: 'it runs on this machine',
  vpc_egress: 'it runs on this machine',
  zones: 'it runs on this machine',
};
