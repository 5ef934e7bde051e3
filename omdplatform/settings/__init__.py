"""Every setting of the platform, with its meaning and its default.

A part that is not configured runs embedded: a fresh clone needs no server set up by hand. A part that is
configured and out of reach is an error that names the part, never a silent fallback.
"""

from omdplatform.settings.folders import *
from omdplatform.settings.governing import *
from omdplatform.settings.log_lines import *
from omdplatform.settings.programs import *
from omdplatform.settings.questioning import *
from omdplatform.settings.servers import *
from omdplatform.settings.site import *
from omdplatform.settings.workload import *
