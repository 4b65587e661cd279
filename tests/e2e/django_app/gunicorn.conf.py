"""Settings of Gunicorn itself. The socket is open long before the service is: say when a worker can answer."""


def post_worker_init(worker):
    worker.log.info("worker is ready")
