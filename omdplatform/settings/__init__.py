"""Every setting of the platform, with its meaning and its default.

Parts without settings run embedded: a fresh clone needs no server. A configured part that does not answer is
an error that names it, never a silent fallback.
"""

from omdplatform.settings.folders import *
from omdplatform.settings.governing import *
from omdplatform.settings.log_lines import *
from omdplatform.settings.programs import *
from omdplatform.settings.questioning import *
from omdplatform.settings.servers import *
from omdplatform.settings.site import *
from omdplatform.settings.workload import *
