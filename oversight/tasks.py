"""What workers have to know of oversight: its kinds of job, registered by loading their modules."""

from oversight import exports

KINDS = (exports.KIND,)
